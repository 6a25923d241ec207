/** The messages of a conversation, folded from the events of its room. A repeat changes nothing. */
import type { Statement } from "../../../../db/write-queue.ts";
import { assertNever } from "../../../../party/protocol/assert.ts";
import type { Stamped } from "../../../../party/protocol/run-events.ts";
import type { SessionEvent } from "../../../../party/protocol/session.ts";

/** The room a post came from, and whose it is. */
type RoomPlace = { company: string; room: string };

/** The statements one event of a session's room adds. */
export function messageStatements({ company, room }: RoomPlace, event: Stamped<SessionEvent>): Statement[] {
  switch (event.type) {
    case "message.posted": {
      const { id, by, text, at, replyTo, run } = event.message;
      return [
        {
          sql: `INSERT INTO messages (id, session, company, seq, by_id, by_name, by_kind, text, at, reply_to, run)
            SELECT ?, id, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM sessions WHERE id = ? ON CONFLICT DO NOTHING`,
          args: [id, company, event.seq, by.id, by.name, by.kind, JSON.stringify(text), at, replyTo ?? null, run ?? null, room],
        },
        { sql: "UPDATE sessions SET last_message_at = max(coalesce(last_message_at, ''), ?) WHERE id = ?", args: [at, room] },
      ];
    }
    case "message.edited":
      return [
        {
          sql: "UPDATE messages SET text = ?, edited = 1 WHERE id = ? AND session = ? AND deleted = 0",
          args: [JSON.stringify(event.text), event.message, room],
        },
      ];
    case "message.deleted":
      return [{ sql: `UPDATE messages SET text = '""', deleted = 1 WHERE id = ? AND session = ?`, args: [event.message, room] }];
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
