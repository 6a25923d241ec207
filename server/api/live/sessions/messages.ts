/** The messages of a conversation: the archive's, with what its room has stored since. */
import { z } from "@hono/zod-openapi";
import type { Client, Row } from "@libsql/client/sqlite3";
import { actorRef, attachments, longText } from "../../../../party/protocol/common.ts";
import { eventSchema } from "../../../../party/protocol/frames.ts";
import type { Stamped } from "../../../../party/protocol/run-events.ts";
import type { Message, SessionEvent } from "../../../../party/protocol/session.ts";
import type { RoomClient } from "../../../rooms/client/client.ts";
import { RoomsAway } from "../../../rooms/client/room-http.ts";
import { id, time } from "../../fields.ts";

/** events of the room read beyond the archive; it is rarely more than a moment behind */
const TAIL_EVENTS = 1_000;

export const messageShape = z
  .object({
    id,
    seq: z.number().int().openapi({ description: "place in the conversation" }),
    by: actorRef,
    text: longText,
    at: time,
    attachments: attachments.optional(),
    mentions: z.array(id).optional().openapi({ description: "agents that were asked to answer" }),
    replyTo: id.optional(),
    run: id.optional(),
    answers: id.optional().openapi({ description: "the message that the run was to answer" }),
    edited: z.boolean(),
    editedAt: time.optional(),
    deleted: z.boolean(),
  })
  .openapi("Message");
export type MessageOut = z.infer<typeof messageShape>;

export function fromMessage(seq: number, message: Message): MessageOut {
  return { ...message, seq, edited: message.edited ?? false, deleted: message.deleted ?? false };
}

function fromRow(row: Row): MessageOut {
  return messageShape.parse({
    id: row.id,
    seq: row.seq,
    by: { id: row.by_id, name: row.by_name, kind: row.by_kind },
    text: JSON.parse(String(row.text)),
    at: row.at,
    attachments: row.attachments === null ? undefined : JSON.parse(String(row.attachments)),
    mentions: row.mentions === null ? undefined : JSON.parse(String(row.mentions)),
    replyTo: row.reply_to ?? undefined,
    run: row.run ?? undefined,
    answers: row.answers ?? undefined,
    edited: row.edited === 1,
    editedAt: row.edited_at ?? undefined,
    deleted: row.deleted === 1,
  });
}

const SELECT = `SELECT id, seq, by_id, by_name, by_kind, text, at, attachments, mentions, reply_to, run, answers, edited,
    edited_at, deleted FROM messages`;

export type MessageList = { messages: MessageOut[]; stale: boolean };

/** Messages below a seq, newest first, at most `limit`. */
export async function listMessages(
  read: Client,
  rooms: RoomClient,
  session: string,
  below: number | undefined,
  limit: number,
): Promise<MessageList> {
  const before = await archivedHead(read, session);
  const { rows } = await read.execute({
    sql: `${SELECT} WHERE session = ? AND (? IS NULL OR seq < ?) ORDER BY seq DESC LIMIT ?`,
    args: [session, below ?? null, below ?? null, limit],
  });
  const archived = rows.map(fromRow);
  try {
    const tail = await rooms.events("session", session, { after: before, limit: TAIL_EVENTS });
    const events = tail.events.flatMap((event) => eventSchema.session.safeParse(event).data ?? []);
    return { messages: foldTail(archived, events, below).slice(0, limit), stale: false };
  } catch (error) {
    if (error instanceof RoomsAway) return { messages: archived, stale: true };
    throw error;
  }
}

/** Applies events on top of a page, newest first. Events that the page holds already change nothing. */
function foldTail(
  page: readonly MessageOut[],
  events: readonly Stamped<SessionEvent>[],
  below: number | undefined,
): MessageOut[] {
  const messages = new Map(page.map((message) => [message.id, message]));
  for (const event of events) {
    if (event.type === "message.posted") {
      const isOnPage = below === undefined || event.seq < below;
      if (isOnPage && !messages.has(event.message.id)) messages.set(event.message.id, fromMessage(event.seq, event.message));
      continue;
    }
    if (event.type !== "message.edited" && event.type !== "message.deleted") continue;
    const message = messages.get(event.message);
    if (!message) continue;
    messages.set(message.id, changed(message, event));
  }
  return [...messages.values()].sort((a, b) => b.seq - a.seq);
}

function changed(
  message: MessageOut,
  event: Extract<Stamped<SessionEvent>, { type: "message.edited" | "message.deleted" }>,
): MessageOut {
  if (event.type === "message.deleted") return { ...message, text: "", attachments: undefined, deleted: true };
  return message.deleted ? message : { ...message, text: event.text, edited: true, editedAt: event.at };
}

/**
 * Messages by id as the archive has them, long texts whole: a room holds only its newest. One that is not there yet is young
 * enough for its room to hold it.
 */
export async function knownMessages(read: Client, session: string, ids: readonly string[]): Promise<Message[]> {
  const { rows } = await read.execute({
    sql: `${SELECT} WHERE session = ? AND id IN (SELECT value FROM json_each(?))`,
    args: [session, JSON.stringify(ids)],
  });
  return Promise.all(
    rows.map(async (row) => {
      const { seq: _seq, text, ...message } = fromRow(row);
      return { ...message, text: typeof text === "string" ? text : ((await archivedText(read, session, text.ref)) ?? text) };
    }),
  );
}

async function archivedText(read: Client, session: string, ref: string): Promise<string | undefined> {
  const { rows } = await read.execute({
    sql: "SELECT text FROM refs WHERE ref = ? AND room_party = 'session' AND room = ?",
    args: [ref, session],
  });
  return rows[0] && String(rows[0].text);
}

async function archivedHead(read: Client, session: string): Promise<number> {
  const { rows } = await read.execute({
    sql: "SELECT max(seq) AS head FROM room_events WHERE room_party = 'session' AND room = ?",
    args: [session],
  });
  return Number(rows[0]?.head ?? 0);
}
