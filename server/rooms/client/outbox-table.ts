/** The outbox table behind the pump: reads on the read connection, deletes through the write queue. */
import type { Client, Row } from "@libsql/client/sqlite3";
import { z } from "zod";
import type { Write } from "../../../db/write-queue.ts";
import { PARTIES } from "../../../party/protocol/tickets.ts";
import type { OutboxRow, OutboxStore } from "./outbox-store.ts";

const outboxRow = z.object({
  id: z.number(),
  generation: z.number(),
  party: z.enum(PARTIES),
  room: z.string(),
  payload: z.string(),
});
const COLUMNS = "id, generation, party, room, payload";

export function outboxTable(read: Client, write: Write): OutboxStore {
  const rows = async (sql: string, args: (string | number)[]): Promise<OutboxRow[]> =>
    (await read.execute({ sql, args })).rows.map((row: Row) => outboxRow.parse(row));
  return {
    after: (id, limit) => rows(`SELECT ${COLUMNS} FROM outbox WHERE id > ? ORDER BY id LIMIT ?`, [id, limit]),
    ofRoom: (party, room, from, limit) =>
      rows(`SELECT ${COLUMNS} FROM outbox WHERE party = ? AND room = ? AND id >= ? ORDER BY id LIMIT ?`, [
        party,
        room,
        from,
        limit,
      ]),
    async remove(ids) {
      await write(() => [
        { sql: "DELETE FROM outbox WHERE id IN (SELECT value FROM json_each(?))", args: [JSON.stringify(ids)] },
      ]);
    },
    async bury(row, code, message) {
      await write(({ now }) => [
        {
          sql: `INSERT INTO outbox_dead (id, generation, party, room, payload, attempts, created_at, died_at, code, message)
            SELECT id, generation, party, room, payload, attempts + 1, created_at, ?, ?, ? FROM outbox WHERE id = ?`,
          args: [now, code, message, row.id],
        },
        { sql: "DELETE FROM outbox WHERE id = ?", args: [row.id] },
      ]);
    },
  };
}
