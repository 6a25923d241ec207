/** Roles of a company and the least role each room command asks for. Source: docs/architecture.md, "Rights". */

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
