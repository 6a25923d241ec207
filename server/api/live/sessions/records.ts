/** Conversations as records: how they look to a person, what their rooms are told. */
import { z } from "@hono/zod-openapi";
import type { Client, InValue, Row } from "@libsql/client/sqlite3";
import type { Statement, UnitContext } from "../../../../db/write-queue.ts";
import { actorRef, inlineText, longText } from "../../../../party/protocol/common.ts";
import { id, time, version } from "../../fields.ts";
import { maySee } from "./visible.ts";

/** characters of the newest message in a list */
const PREVIEW_CHARS = 140;
/** unread messages that are counted: behind that it is just many */
const UNREAD_COUNTED = 100;

const named = z.object({ id, name: z.string() });
export type Named = z.infer<typeof named>;

export const sessionShape = z
  .object({
    id,
    agent: id.openapi({ description: "answers what is addressed to nobody else" }),
    agentName: z.string(),
    agents: z.array(named).openapi({ description: "all who may answer, the default one among them" }),
    title: z.string(),
    private: z.boolean(),
    people: z.array(named).optional().openapi({ description: "who may see a private conversation" }),
    archived: z.boolean(),
    version,
    createdBy: id,
    createdAt: time,
    lastMessageAt: time.nullable(),
    lastMessage: z.object({ by: actorRef, text: z.string().openapi({ description: "one line" }) }).optional(),
    unread: z
      .number()
      .int()
      .openapi({ description: `messages of others that you have not read, at most ${UNREAD_COUNTED}` }),
  })
  .openapi("Session");
export type SessionOut = z.infer<typeof sessionShape>;

/** Rows as JSON, in the order of a query. */
const json = (fields: string, from: string): string => `(SELECT json_group_array(json_object(${fields})) FROM (${from}))`;

/** Columns of a conversation as one person sees it; its arguments are that person's id, three times. */
const SELECT = `SELECT s.id, s.agent, a.name AS agent_name, s.title, s.private, s.archived_at, s.version, s.created_by,
    s.created_at, s.last_message_at,
    ${json("'id', id, 'name', name", "SELECT x.id, x.name FROM session_agents sa JOIN agents x ON x.id = sa.agent WHERE sa.session = s.id ORDER BY sa.place")} AS agents,
    ${json("'id', id, 'name', name", "SELECT u.id, u.name FROM session_people sp JOIN users u ON u.id = sp.user WHERE sp.session = s.id ORDER BY u.name")} AS people,
    (SELECT json_object('by', json_object('id', m.by_id, 'name', m.by_name, 'kind', m.by_kind), 'text', json(m.text),
        'files', json(m.attachments))
      FROM messages m WHERE m.session = s.id AND m.deleted = 0 ORDER BY m.seq DESC LIMIT 1) AS last_message,
    (SELECT count(*) FROM (SELECT 1 FROM messages m WHERE m.session = s.id AND m.seq > coalesce(r.seq, 0)
        AND m.by_id <> ? AND m.by_kind <> 'system' AND m.deleted = 0 AND (r.seq IS NOT NULL OR m.at > me.created_at)
        LIMIT ${UNREAD_COUNTED})) AS unread
  FROM sessions s JOIN agents a ON a.id = s.agent
    LEFT JOIN session_reads r ON r.session = s.id AND r.user = ?
    LEFT JOIN members me ON me.company = s.company AND me.user = ?`;

const preview = z.object({
  by: actorRef,
  text: longText,
  files: z.array(z.object({ name: z.string() })).nullable(),
});

function sessionOf(row: Row): SessionOut {
  const own = { id: row.agent, name: row.agent_name };
  const agents = z.array(named).parse(JSON.parse(String(row.agents)));
  const isPrivate = row.private === 1;
  return sessionShape.parse({
    id: row.id,
    agent: row.agent,
    agentName: row.agent_name,
    agents: agents.length > 0 ? agents : [own],
    title: row.title,
    private: isPrivate,
    people: isPrivate ? JSON.parse(String(row.people)) : undefined,
    archived: row.archived_at !== null,
    version: row.version,
    createdBy: row.created_by,
    createdAt: row.created_at,
    lastMessageAt: row.last_message_at,
    lastMessage: row.last_message === null ? undefined : previewOf(preview.parse(JSON.parse(String(row.last_message)))),
    unread: row.unread,
  });
}

function previewOf({ by, text, files }: z.infer<typeof preview>): { by: z.infer<typeof actorRef>; text: string } {
  const words = inlineText(text).replace(/\s+/g, " ").trim() || (files ?? []).map(({ name }) => name).join(", ");
  return { by, text: words.slice(0, PREVIEW_CHARS) };
}

/**
 * Conversations of a company that a person may see, as that person sees them.
 * @param where a condition on `s`, and what follows it
 */
export async function readSessions(
  read: Client,
  { company, user }: { company: string; user: string },
  where: { sql: string; args: InValue[] },
): Promise<SessionOut[]> {
  const { rows } = await read.execute({
    sql: `${SELECT} WHERE s.company = ? AND ${maySee("s.id")} AND ${where.sql}`,
    args: [user, user, user, company, user, ...where.args],
  });
  return rows.map(sessionOf);
}

/** One conversation of a company; undefined also for one that is private to others. */
export async function findSession(
  read: Client,
  who: { company: string; user: string },
  session: string,
): Promise<SessionOut | undefined> {
  return (await readSessions(read, who, { sql: "s.id = ?", args: [session] }))[0];
}

/** Tells the conversation's room of its configuration. */
export function tellSession({ toRoom }: UnitContext, company: string, session: SessionOut): Statement {
  const { id: room, agent, agentName, agents, title, private: isPrivate, people, archived } = session;
  return toRoom("session", room, {
    kind: "session",
    config: { id: room, company, agent, agentName, agents, title, private: isPrivate, people, archived },
  });
}
