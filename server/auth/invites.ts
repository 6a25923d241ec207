/** Invites: a link that lets one person into one company with one role. */
import type { Client } from "@libsql/client/sqlite3";
import { orRefuse, type Statement, type UnitContext } from "../../db/write-queue.ts";
import type { ActorRef } from "../../party/protocol/common.ts";
import { ROLES, type Role } from "../../party/protocol/roles.ts";
import { tellActivity, tellMember } from "../api/records.ts";
import { hashToken } from "./tokens.ts";

export type OpenInvite = {
  id: string;
  company: string;
  companyName: string;
  role: Role;
  /** the only address that may use it */
  email: string | undefined;
  invitedBy: string;
};

/** The invite behind a token; undefined when there is none, or it was used or is too old. */
export async function findInvite(read: Client, token: string, now: number): Promise<OpenInvite | undefined> {
  const { rows } = await read.execute({
    sql: `SELECT i.id, i.company, c.name AS company_name, i.role, i.email, u.name AS invited_by
      FROM invites i JOIN companies c ON c.id = i.company LEFT JOIN users u ON u.id = i.created_by
      WHERE i.token_hash = ? AND i.accepted_at IS NULL AND i.expires_at > ?`,
    args: [hashToken(token), new Date(now).toISOString()],
  });
  const row = rows[0];
  const role = ROLES.find((known) => known === row?.role);
  if (!row || !role) return undefined;
  return {
    id: String(row.id),
    company: String(row.company),
    companyName: String(row.company_name),
    role,
    email: row.email === null ? undefined : String(row.email),
    invitedBy: String(row.invited_by ?? "Someone"),
  };
}

/** The version of a person's rights in a company, also after they were taken out; 0 when they were never in it. */
export async function rightsBefore(read: Client, company: string, user: string): Promise<number> {
  const { rows } = await read.execute({
    sql: "SELECT rights FROM members WHERE company = ? AND user = ?",
    args: [company, user],
  });
  return rows[0] ? Number(rows[0].rights) : 0;
}

/**
 * Makes a person a member by an invite. Refuses with `invite_used`, or `already_member`.
 * @param before from `rightsBefore`: what the person joins with is above anything a room has seen of them
 */
export function join(context: UnitContext, invite: OpenInvite, person: ActorRef, before: number): Statement[] {
  const { company, role } = invite;
  const rights = before + 1;
  return [
    {
      sql: "UPDATE invites SET accepted_at = ?, accepted_by = ? WHERE id = ? AND accepted_at IS NULL AND expires_at > ?",
      args: [context.now, person.id, invite.id, context.now],
    },
    orRefuse("invite_used"),
    {
      sql: `INSERT INTO members (company, user, role, rights, created_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (company, user) DO UPDATE SET role = excluded.role, rights = excluded.rights, created_at = excluded.created_at, removed_at = NULL
        WHERE removed_at IS NOT NULL AND rights = ?`,
      args: [company, person.id, role, rights, context.now, before],
    },
    orRefuse("already_member"),
    context.activity({
      chain: company,
      actor: person,
      action: "member.joined",
      subject: { kind: "person", id: person.id },
      data: { role, invite: invite.id },
    }),
    tellMember(context, company, { id: person.id, name: person.name, role, rights }, person),
    tellActivity(context, company, person, `joined as ${role}`),
  ];
}
