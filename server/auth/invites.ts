/** Invites: a link that lets one person into one company with one role. */
import type { Client } from "@libsql/client/sqlite3";
import { WriteRefused } from "../../db/errors.ts";
import { mustHold, orRefuse, type Statement, type UnitContext } from "../../db/write-queue.ts";
import { assertNever } from "../../party/protocol/assert.ts";
import type { ActorRef } from "../../party/protocol/common.ts";
import { atLeast, ROLES, type Role } from "../../party/protocol/roles.ts";
import { ApiError, conflict } from "../api/errors.ts";
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
  inviter: string;
};

/** Why an invite lets nobody in. */
type Closed = "unknown" | "used" | "expired" | "inviter_gone";
export type FoundInvite = { kind: "open"; invite: OpenInvite } | { kind: Closed };

/** The invite behind a token. */
export async function findInvite(read: Client, token: string, now: number): Promise<FoundInvite> {
  const { rows } = await read.execute({
    sql: `SELECT i.id, i.company, c.name AS company_name, i.role, i.email, i.expires_at, i.accepted_at, i.created_by,
        u.name AS invited_by, u.disabled_at, m.role AS own_role
      FROM invites i JOIN companies c ON c.id = i.company LEFT JOIN users u ON u.id = i.created_by
        LEFT JOIN members m ON m.company = i.company AND m.user = i.created_by AND m.removed_at IS NULL
      WHERE i.token_hash = ?`,
    args: [hashToken(token)],
  });
  const row = rows[0];
  const role = ROLES.find((known) => known === row?.role);
  // One that was taken back or whose company was removed left no row.
  if (!row || !role) return { kind: "unknown" };
  if (row.accepted_at !== null) return { kind: "used" };
  if (String(row.expires_at) <= new Date(now).toISOString()) return { kind: "expired" };
  if (row.disabled_at !== null || !inviters(role).some((one) => one === row.own_role)) return { kind: "inviter_gone" };
  const invite: OpenInvite = {
    id: String(row.id),
    company: String(row.company),
    companyName: String(row.company_name),
    role,
    email: row.email === null ? undefined : String(row.email),
    invitedBy: String(row.invited_by ?? "Someone"),
    inviter: String(row.created_by),
  };
  return { kind: "open", invite };
}

/**
 * An invite that this address may use.
 * @throws {ApiError} with one sentence why not, and what to do
 */
export async function openInvite(read: Client, token: string, mailbox: string, now: number): Promise<OpenInvite> {
  const found = await findInvite(read, token, now);
  if (found.kind !== "open") throw closedInvite(found.kind);
  const { invite } = found;
  if (invite.email !== undefined && invite.email !== mailbox) {
    const message = `This invite is for another e-mail address than ${mailbox}. Use the account with that address, or ask for an invite of your own.`;
    throw new ApiError(403, "invite_for_another", message, { details: { field: "email" } });
  }
  return invite;
}

/** The refusal of an invite that lets nobody in. */
export function closedInvite(why: Closed): ApiError {
  switch (why) {
    case "unknown":
      return new ApiError(
        404,
        "invite_unknown",
        "This invite is not known here: it was taken back, its company was removed, or the link was cut short. Ask for a new one.",
      );
    case "used":
      return new ApiError(410, "invite_used", "This invite was used already. It works once; ask for a new one.");
    case "expired":
      return new ApiError(410, "invite_expired", "This invite is too old. Ask for a new one.");
    case "inviter_gone":
      return new ApiError(
        410,
        "inviter_gone",
        "The person who made this invite may no longer invite people into the company. Ask someone else there for a new one.",
      );
    default:
      return assertNever(why);
  }
}

/** Roles whose holders may invite somebody as `role`. */
function inviters(role: Role): Role[] {
  return ROLES.filter((own) => atLeast(own, "admin") && atLeast(own, role));
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
 * Makes a person a member by an invite. Refusals are explained by `explainJoin`.
 * @param before from `rightsBefore`: what the person joins with is above anything a room has seen of them
 */
export function join(context: UnitContext, invite: OpenInvite, person: ActorRef, before: number): Statement[] {
  const { company, role } = invite;
  const rights = before + 1;
  const may = inviters(role);
  return [
    {
      sql: "UPDATE invites SET accepted_at = ?, accepted_by = ? WHERE id = ? AND accepted_at IS NULL AND expires_at > ?",
      args: [context.now, person.id, invite.id, context.now],
    },
    orRefuse("invite_used"),
    mustHold(
      "inviter_gone",
      `SELECT EXISTS (SELECT 1 FROM members m JOIN users u ON u.id = m.user WHERE m.company = ? AND m.user = ?
        AND m.removed_at IS NULL AND u.disabled_at IS NULL AND m.role IN (${may.map(() => "?").join(", ")}))`,
      [company, invite.inviter, ...may],
    ),
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

/** The sentence for a refused `join`. */
export function explainJoin(error: unknown): never {
  if (!(error instanceof WriteRefused)) throw error;
  switch (error.code) {
    case "already_member":
      throw conflict("already_member", "You are a member of this company already.");
    case "invite_used":
      throw closedInvite("used");
    case "inviter_gone":
      throw closedInvite("inviter_gone");
    default:
      throw error;
  }
}
