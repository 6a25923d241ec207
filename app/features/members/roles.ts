import { assertNever } from "../../../party/protocol/assert.ts";
import { atLeast, ROLES, type Role } from "../../../party/protocol/roles.ts";

/** What a role may do, in a few words. */
export function roleWords(role: Role): string {
  switch (role) {
    case "viewer":
      return "sees everything";
    case "member":
      return "also asks, steers and answers";
    case "operator":
      return "also decides approvals, pauses and stops";
    case "admin":
      return "also manages agents and members";
    case "owner":
      return "everything";
    default:
      return assertNever(role);
  }
}

/** A role as a label: "Owner". */
export function roleName(role: Role): string {
  return `${role[0]?.toUpperCase()}${role.slice(1)}`;
}

/** Roles a person may give away: none above their own. */
export function grantable(own: Role): Role[] {
  return ROLES.filter((role) => atLeast(own, role));
}
