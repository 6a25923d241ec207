/**
 * A run's events as server-sent events: everything above the cursor, then what comes, until the run ends. Each event has its seq
 * as id, so that `Last-Event-ID` resumes without a gap.
 */
import type { SSEStreamingApi } from "hono/streaming";
import type { Bell } from "../bell.ts";
import type { EventsSlice } from "./events.ts";

/** ms between two looks while nothing was archived: also how soon a stream notices that it may go on no longer */
const LOOK_MS = 1_000;
/** ms without an event after which a comment keeps proxies from closing the connection */
const KEEP_ALIVE_MS = 15_000;
/** events per look */
const PAGE_EVENTS = 500;

export type StreamSource = {
  /** rings when events of the run's room were archived */
  archived: Bell;
  room: string;
  /** the next events; asks the room too when `live` */
  next(after: number, limit: number): Promise<EventsSlice>;
  /** false when the caller may no longer see the run */
  allowed(): Promise<boolean>;
  now(): number;
};

/** Sends until the run ended, the caller left or lost the right to see it, or the signal aborts. */
export async function streamRun(
  stream: SSEStreamingApi,
  source: StreamSource,
  after: number,
  signal: AbortSignal,
): Promise<void> {
  const ear = source.archived.listen(source.room);
  let cursor = after;
  let stale = false;
  let spokeAt = source.now();
  try {
    while (!signal.aborted && !stream.aborted && (await source.allowed())) {
      const slice = await source.next(cursor, PAGE_EVENTS);
      for (const event of slice.events) {
        await stream.writeSSE({ id: String(event.seq), event: event.type, data: JSON.stringify(event) });
        cursor = event.seq;
        spokeAt = source.now();
        if (event.type === "run.ended") return;
      }
      if (slice.end === "more") continue;
      if ((slice.end === "away") !== stale) {
        stale = !stale;
        await stream.writeSSE({ event: "stale", data: JSON.stringify({ stale }) });
      }
      if (source.now() - spokeAt > KEEP_ALIVE_MS) {
        await stream.write(": here\n\n");
        spokeAt = source.now();
      }
      await ear.rang(LOOK_MS, signal);
    }
  } finally {
    ear.close();
  }
}
