/** Reads from rooms: signed GETs on loopback, each with a timeout, because a stopping rooms process accepts and never answers. */
import { z } from "zod";
import type { RoomTypes } from "../../../party/protocol/frames.ts";
import { type EventsPage, ROOM_PATH, roomPath, type StatePage } from "../../../party/protocol/internal.ts";
import { signRequest } from "../../../party/protocol/sign.ts";
import type { Party } from "../../../party/protocol/tickets.ts";

/** ms; a room answers from memory in single milliseconds, a cold one in tens */
const READ_MS = 3_000;
/** ms; a probe that takes longer means "not ready" */
const PING_MS = 1_000;

/** Rooms did not answer: nothing is known about the room, and trying again may help. */
export class RoomsAway extends Error {
  override name = "RoomsAway";
}

export type EventsQuery = { after: number; limit: number; run?: string };

const eventsPage = z.object({
  epoch: z.string(),
  head: z.number().int(),
  first: z.number().int(),
  last: z.number().int(),
  events: z.array(z.object({ seq: z.number().int(), at: z.string(), type: z.string() }).loose()),
  more: z.boolean(),
});
const refBody = z.object({ text: z.string() });

/** @param base `http://host:port` of the rooms */
export function createRoomHttp(base: string, secret: string, now: () => number) {
  /** The body of a 200, undefined for 404 and 410. */
  async function get(party: Party, room: string, rest: string): Promise<unknown> {
    const path = roomPath(party, room) + rest;
    let response: Response;
    try {
      const headers = signRequest(secret, "GET", path, "", now());
      response = await fetch(base + path, { headers, signal: AbortSignal.timeout(READ_MS), redirect: "error" });
      if (response.ok) return await response.json();
      await response.body?.cancel();
    } catch (error) {
      throw new RoomsAway("The workspace's rooms do not answer.", { cause: error });
    }
    if (response.status === 404 || response.status === 410) return undefined;
    throw new RoomsAway(`A room answered HTTP ${response.status}.`);
  }

  return {
    /** Public state of a room; undefined when the room knows nothing. The state is trusted: a room of ours folded it. */
    async state<P extends Party>(party: P, room: string): Promise<StatePage<RoomTypes[P]["state"]> | undefined> {
      const page = z.object({
        epoch: z.string(),
        seq: z.number().int(),
        state: z.custom<RoomTypes[P]["state"]>((value) => !!value),
      });
      const body = await get(party, room, ROOM_PATH.state);
      return body === undefined ? undefined : page.parse(body);
    },

    /** Durable events above `after`, oldest first; those of one run when asked. */
    async events(party: Party, room: string, query: EventsQuery): Promise<EventsPage> {
      const search = new URLSearchParams({ after: String(query.after), limit: String(query.limit) });
      if (query.run) search.set("run", query.run);
      const body = await get(party, room, `${ROOM_PATH.events}?${search}`);
      return body === undefined ? { epoch: "", head: 0, first: 0, last: 0, events: [], more: false } : eventsPage.parse(body);
    },

    /** The whole text behind a reference, while the room still has it. */
    async ref(party: Party, room: string, ref: string): Promise<string | undefined> {
      const body = await get(party, room, `${ROOM_PATH.ref}/${encodeURIComponent(ref)}`);
      return body === undefined ? undefined : refBody.parse(body).text;
    },

    /** True when the rooms process answers HTTP at all. */
    async ping(): Promise<boolean> {
      try {
        const response = await fetch(`${base}/healthz`, { signal: AbortSignal.timeout(PING_MS), redirect: "error" });
        await response.body?.cancel();
        return response.status < 500;
      } catch {
        return false;
      }
    },
  };
}
