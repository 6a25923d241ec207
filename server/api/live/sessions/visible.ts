/** Who may see a conversation, and what belongs to one: everybody in the company, or only those it names. */
import type { Client } from "@libsql/client/sqlite3";
import { laneRoom } from "../../../../party/protocol/lanes.ts";
import { notFound } from "../../errors.ts";

/**
 * True for conversations that a person may see, as a part of a query; its one argument is the person's id.
 * @param session the column with the id of a row of `sessions`
 */
export function maySee(session: string): string {
  return `EXISTS (SELECT 1 FROM sessions vs WHERE vs.id = ${session}
    AND (vs.private = 0 OR EXISTS (SELECT 1 FROM session_people vp WHERE vp.session = vs.id AND vp.user = ?)))`;
}

/** The same for rows that may belong to a conversation: those that belong to none, or to one that is gone, are no secret. */
export function notHidden(session: string): string {
  return `NOT EXISTS (SELECT 1 FROM sessions vs WHERE vs.id = ${session} AND vs.private = 1
    AND NOT EXISTS (SELECT 1 FROM session_people vp WHERE vp.session = vs.id AND vp.user = ?))`;
}

/**
 * The same for what an agent did: it is hidden when it was for a private conversation.
 * @param lane the column with that conversation's id, null for what everybody sees
 */
export function notInOthersLane(lane: string): string {
  return `(${lane} IS NULL OR EXISTS (SELECT 1 FROM session_people vp WHERE vp.session = ${lane} AND vp.user = ?))`;
}

/** Annexes of the private conversations that name a person, the one with the newest talk first. */
export async function annexesOf(read: Client, company: string, user: string, limit: number): Promise<string[]> {
  const { rows } = await read.execute({
    sql: `SELECT s.id FROM session_people p JOIN sessions s ON s.id = p.session
      WHERE p.user = ? AND s.company = ? AND s.private = 1 ORDER BY s.last_message_at DESC LIMIT ?`,
    args: [user, company, limit],
  });
  return rows.map(({ id }) => laneRoom(company, String(id)));
}

export async function canSeeSession(read: Client, company: string, user: string, session: string): Promise<boolean> {
  const { rows } = await read.execute({
    sql: `SELECT 1 FROM sessions s WHERE s.id = ? AND s.company = ? AND ${maySee("s.id")}`,
    args: [session, company, user],
  });
  return rows.length > 0;
}

/** @throws 404 alike for conversations of other companies, of other people, and for none */
export async function requireSeen(read: Client, company: string, user: string, session: string): Promise<void> {
  if (!(await canSeeSession(read, company, user, session))) throw notFound();
}

/** True for a conversation that only those it names may see: what belongs to it is named in no record that others read. */
export async function isPrivate(read: Client, session: string): Promise<boolean> {
  const { rows } = await read.execute({ sql: "SELECT private FROM sessions WHERE id = ?", args: [session] });
  return rows[0]?.private === 1;
}
