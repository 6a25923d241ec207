/** A person's place in their companies, and how a new name reaches them without carrying back an older role. */
import type { Client } from "@libsql/client/sqlite3";
import { mustHold, type Statement, type UnitContext } from "../../db/write-queue.ts";
import type { ActorRef } from "../../party/protocol/common.ts";
import { ROLES, type Role } from "../../party/protocol/roles.ts";
import { tellMember } from "./records.ts";

/** Code of a refused write: roles or memberships of the person are no longer those that were read. */
export const MEMBERSHIPS_CHANGED = "memberships_changed";

export type Place = { company: string; role: Role; rights: number };

/** Where the person is a member now. */
export async function membershipsOf(read: Client, person: string): Promise<Place[]> {
  const { rows } = await read.execute({
    sql: "SELECT company, role, rights FROM members WHERE user = ? AND removed_at IS NULL",
    args: [person],
  });
  return rows.flatMap((row) => {
    const role = ROLES.find((known) => known === row.role);
    return role ? [{ company: String(row.company), role, rights: Number(row.rights) }] : [];
  });
}

/**
 * Tells each company of a person's new name. A member's record carries role and rights too, so the unit is refused with
 * `MEMBERSHIPS_CHANGED` unless they are still what was read: an older record behind a newer one would give rights back.
 */
export function tellRenamed(context: UnitContext, { id, name }: { id: string; name: string }, places: Place[]): Statement[] {
  const by: ActorRef = { id, name, kind: "person" };
  return [
    mustHold(MEMBERSHIPS_CHANGED, "SELECT count(*) = ? FROM members WHERE user = ? AND removed_at IS NULL", [places.length, id]),
    ...places.flatMap(({ company, role, rights }) => [
      mustHold(
        MEMBERSHIPS_CHANGED,
        `SELECT EXISTS (SELECT 1 FROM members
          WHERE company = ? AND user = ? AND role = ? AND rights = ? AND removed_at IS NULL)`,
        [company, id, role, rights],
      ),
      tellMember(context, company, { id, name, role, rights }, by),
    ]),
  ];
}
