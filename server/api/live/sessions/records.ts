/** Conversations as records: who may see them, how they look, what their rooms are told. */

import { z } from "@hono/zod-openapi";
import type { Client, Row } from "@libsql/client/sqlite3";
import type { Statement, UnitContext } from "../../../../db/write-queue.ts";
import { id, time, version } from "../../fields.ts";

export const sessionShape = z
  .object({
    id,
    agent: id,
    agentName: z.string(),
    title: z.string(),
    private: z.boolean(),
    archived: z.boolean(),
    version,
    createdBy: id,
    createdAt: time,
    lastMessageAt: time.nullable(),
  })
  .openapi("Session");
export type SessionOut = z.infer<typeof sessionShape>;

export const SESSION_SELECT = `SELECT s.id, s.agent, a.name AS agent_name, s.title, s.private, s.archived_at, s.version,
    s.created_by, s.created_at, s.last_message_at
  FROM sessions s JOIN agents a ON a.id = s.agent`;
/** A private conversation is seen by its creator. Argument: the person. */
export const VISIBLE = "(s.private = 0 OR s.created_by = ?)";

export function sessionOf(row: Row): SessionOut {
  return sessionShape.parse({
    id: row.id,
    agent: row.agent,
    agentName: row.agent_name,
    title: row.title,
    private: row.private === 1,
    archived: row.archived_at !== null,
    version: row.version,
    createdBy: row.created_by,
    createdAt: row.created_at,
    lastMessageAt: row.last_message_at,
  });
}

/** One conversation of a company that the person may see. */
export async function findSession(
  read: Client,
  company: string,
  session: string,
  person: string,
): Promise<SessionOut | undefined> {
  const { rows } = await read.execute({
    sql: `${SESSION_SELECT} WHERE s.id = ? AND s.company = ? AND ${VISIBLE}`,
    args: [session, company, person],
  });
  return rows[0] && sessionOf(rows[0]);
}

/** Tells the conversation's room of its configuration. */
export function tellSession({ toRoom }: UnitContext, company: string, session: SessionOut): Statement {
  const { id: room, agent, agentName, title, archived } = session;
  return toRoom("session", room, {
    kind: "session",
    config: { id: room, company, agent, agentName, title, private: session.private, archived },
  });
}
