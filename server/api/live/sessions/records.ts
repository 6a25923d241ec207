/** Conversations as records: how they look, what their rooms are told. Every member of the company sees them. */
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
    archived: z.boolean(),
    version,
    createdBy: id,
    createdAt: time,
    lastMessageAt: time.nullable(),
  })
  .openapi("Session");
export type SessionOut = z.infer<typeof sessionShape>;

export const SESSION_SELECT = `SELECT s.id, s.agent, a.name AS agent_name, s.title, s.archived_at, s.version,
    s.created_by, s.created_at, s.last_message_at
  FROM sessions s JOIN agents a ON a.id = s.agent`;

export function sessionOf(row: Row): SessionOut {
  return sessionShape.parse({
    id: row.id,
    agent: row.agent,
    agentName: row.agent_name,
    title: row.title,
    archived: row.archived_at !== null,
    version: row.version,
    createdBy: row.created_by,
    createdAt: row.created_at,
    lastMessageAt: row.last_message_at,
  });
}

/** One conversation of a company. */
export async function findSession(read: Client, company: string, session: string): Promise<SessionOut | undefined> {
  const { rows } = await read.execute({
    sql: `${SESSION_SELECT} WHERE s.id = ? AND s.company = ?`,
    args: [session, company],
  });
  return rows[0] && sessionOf(rows[0]);
}

/** Tells the conversation's room of its configuration. */
export function tellSession({ toRoom }: UnitContext, company: string, session: SessionOut): Statement {
  const { id: room, agent, agentName, title, archived } = session;
  return toRoom("session", room, {
    kind: "session",
    // Said in an agent's roster, runs and audit, a private talk would not be private: there is none until there it is not.
    config: { id: room, company, agent, agentName, title, private: false, archived },
  });
}
