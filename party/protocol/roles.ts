/** Roles of a company and the least role each room command asks for. Source: docs/architecture.md, "Rights". */
import type { Risk } from "./common.ts";

export const ROLES = ["viewer", "member", "operator", "admin", "owner"] as const;
export type Role = (typeof ROLES)[number];

/** True when `role` is at least `least`. */
export function atLeast(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}

/** The lower of two roles: a ticket's role never outlives the rights a room knows of. */
export function lower(a: Role, b: Role): Role {
  return ROLES.indexOf(a) <= ROLES.indexOf(b) ? a : b;
}

/** The least role that may decide what an agent asks consent for, by its risk. Source: docs/architecture.md, "Rights". */
export const RISK_ROLE: Record<Risk, Role> = {
  read: "operator",
  write: "operator",
  outward: "operator",
  unknown: "operator",
  spend: "admin",
  destroy: "admin",
};
