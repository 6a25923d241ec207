/** What the database holds of a room, read beside the running api as a backup tool would: read-only, WAL. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import type { Party } from "../../party/protocol/tickets.ts";
import type { Instance } from "./instance.ts";
import type { Seen } from "./witness.ts";

const row = z.object({ seq: z.number(), json: z.string() });

/** Every archived event of a room, in the order of its log. */
export function archivedEvents({ data }: Instance, party: Party, room: string): Seen[] {
  const database = new DatabaseSync(join(data, "atrium.db"), { readOnly: true, timeout: 2_000 });
  try {
    return database
      .prepare("SELECT seq, json FROM room_events WHERE room_party = ? AND room = ? ORDER BY seq")
      .all(party, room)
      .map((found) => row.parse(found))
      .map(({ seq, json }) => ({ seq, text: json }));
  } finally {
    database.close();
  }
}
