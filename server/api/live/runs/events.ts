/** The events of a run by seq: first what is archived, then, while it lives, what only its room has. */
import type { Client } from "@libsql/client/sqlite3";
import { z } from "zod";
import type { RoomClient } from "../../../rooms/client/client.ts";
import { RoomsAway } from "../../../rooms/client/room-http.ts";
import type { FoundRun } from "./find.ts";

/** pages of the room read for one answer; the rest comes with the next request */
const ROOM_PAGES = 8;
/** events per page of the room */
const ROOM_PAGE_EVENTS = 1_000;

export const storedEvent = z.object({ seq: z.number().int(), at: z.string(), type: z.string() }).loose();
export type StoredEvent = z.infer<typeof storedEvent>;

/**
 * - `more`: there is more than was asked for
 * - `head`: everything there is now was read
 * - `away`: the archive was read; the room, which may know more, does not answer
 */
export type EventsSlice = { events: StoredEvent[]; end: "more" | "head" | "away" };

/** Archived events of a run above `after`. */
export async function archivedEvents(read: Client, run: string, after: number, limit: number): Promise<StoredEvent[]> {
  const { rows } = await read.execute({
    // The conversation's room speaks of the run too, with seqs of its own.
    sql: "SELECT json FROM room_events WHERE run = ? AND room_party = 'agent' AND seq > ? ORDER BY seq LIMIT ?",
    args: [run, after, limit],
  });
  return rows.map((row) => storedEvent.parse(JSON.parse(String(row.json))));
}

/** Events of a run above `after`, at most `limit`, oldest first. */
export async function runEvents(
  read: Client,
  rooms: RoomClient,
  { run, room, archived }: FoundRun,
  after: number,
  limit: number,
): Promise<EventsSlice> {
  const events = await archivedEvents(read, run, after, limit + 1);
  if (events.length > limit) return { events: events.slice(0, limit), end: "more" };
  if (archived?.state === "ended") return { events, end: "head" };
  // The archive of a room has no gaps: what it lacks of this run lies above the last event it folded.
  let from = Math.max(after, events.at(-1)?.seq ?? 0, Number(archived?.last_seq ?? 0));
  try {
    for (let page = 0; page < ROOM_PAGES; page++) {
      const tail = await rooms.events("agent", room, { after: from, limit: ROOM_PAGE_EVENTS, run });
      for (const event of tail.events) if (event.seq > from) events.push(event);
      if (events.length > limit) return { events: events.slice(0, limit), end: "more" };
      if (!tail.more) return { events, end: "head" };
      from = tail.last;
    }
    return { events, end: "more" };
  } catch (error) {
    if (error instanceof RoomsAway) return { events, end: "away" };
    throw error;
  }
}
