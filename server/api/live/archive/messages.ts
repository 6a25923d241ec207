/** The messages of a conversation, folded from the events of its room. A repeat changes nothing. */
import type { Statement } from "../../../../db/write-queue.ts";
import { assertNever } from "../../../../party/protocol/assert.ts";
import type { Stamped } from "../../../../party/protocol/run-events.ts";
import type { SessionEvent } from "../../../../party/protocol/session.ts";

/** The room a post came from, and whose it is. */
type RoomPlace = { company: string; room: string };
type TakenBack = Extract<SessionEvent, { type: "message.edited" | "message.deleted" }>;

/** The statements one event of a session's room adds. */
export function messageStatements({ company, room }: RoomPlace, event: Stamped<SessionEvent>): Statement[] {
  switch (event.type) {
    case "message.posted": {
      const { id, by, text, at, attachments, mentions, replyTo, run, answers } = event.message;
      return [
        {
          sql: `INSERT INTO messages (id, session, company, seq, by_id, by_name, by_kind, text, at, attachments, mentions,
              reply_to, run, answers)
            SELECT ?, id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM sessions WHERE id = ? ON CONFLICT DO NOTHING`,
          args: [
            id,
            company,
            event.seq,
            by.id,
            by.name,
            by.kind,
            JSON.stringify(text),
            at,
            attachments ? JSON.stringify(attachments) : null,
            mentions ? JSON.stringify(mentions) : null,
            replyTo ?? null,
            run ?? null,
            answers ?? null,
            room,
          ],
        },
        { sql: "UPDATE sessions SET last_message_at = max(coalesce(last_message_at, ''), ?) WHERE id = ?", args: [at, room] },
        ...(by.kind === "person" ? [readUpTo(room, by.id, event.seq, at)] : []),
      ];
    }
    case "message.edited":
      return [
        ...withoutOldWords(room, event),
        {
          sql: "UPDATE messages SET text = ?, edited = 1, edited_at = ? WHERE id = ? AND session = ? AND deleted = 0",
          args: [JSON.stringify(event.text), event.at, event.message, room],
        },
      ];
    case "message.deleted":
      return [
        ...withoutOldWords(room, event),
        {
          sql: `UPDATE messages SET text = '""', attachments = NULL, deleted = 1 WHERE id = ? AND session = ?`,
          args: [event.message, room],
        },
      ];
    case "session.configured":
    case "edit.told":
    case "answer.started":
    case "answer.ended":
    case "session.takenOver":
    case "session.handedBack":
      return [];
    default:
      return assertNever(event);
  }
}

/** Takes the words out of a message's earlier events, with the whole texts behind them; of a deleted one its files' names too. */
function withoutOldWords(room: string, { type, message, seq }: Stamped<TakenBack>): Statement[] {
  const earlier = `room_party = 'session' AND room = ? AND seq < ? AND type IN ('message.posted', 'message.edited')
    AND coalesce(json_extract(json, '$.message.id'), json_extract(json, '$.message')) = ?`;
  const posted = `json_set(json, '$.message.text', '')`;
  const left = type === "message.deleted" ? `json_remove(${posted}, '$.message.attachments')` : posted;
  return [
    {
      sql: `DELETE FROM refs WHERE room_party = 'session' AND room = ? AND ref IN
        (SELECT coalesce(json_extract(json, '$.message.text.ref'), json_extract(json, '$.text.ref')) FROM room_events WHERE ${earlier})`,
      args: [room, room, seq, message],
    },
    {
      sql: `UPDATE room_events SET json = CASE type WHEN 'message.posted' THEN ${left} ELSE json_set(json, '$.text', '') END
        WHERE ${earlier}`,
      args: [room, seq, message],
    },
  ];
}

/** Who writes has read what came before. */
function readUpTo(session: string, person: string, seq: number, at: string): Statement {
  return {
    sql: `INSERT INTO session_reads (session, user, seq, at)
      SELECT s.id, u.id, ?, ? FROM sessions s, users u WHERE s.id = ? AND u.id = ?
      ON CONFLICT (session, user) DO UPDATE SET seq = max(seq, excluded.seq), at = excluded.at`,
    args: [seq, at, session, person],
  };
}
