/**
 * The first moments of a room in a new generation: its data folder was restored. What it stored may be older than what it handed
 * up before, so it asks the archive how far it had come and goes on above that: no seq ever means two events.
 */
import { type ArchiveHeadRequest, archiveHeadAnswer } from "../protocol/archive-head.ts";
import type { Party } from "../protocol/tickets.ts";
import type { RoomHost } from "./ports.ts";

/** The generation of a data folder that was never restored. */
export const FIRST_GENERATION = 1;
/** The api starts beside the rooms and may be a moment later: 5 s in all, and whoever wants the room tries again after that. */
const TRIES = 20;
const BETWEEN_TRIES_MS = 250;

/**
 * The highest seq the archive holds of this room, from any of its lives; 0 when it holds none. The only question a room asks before it
 * serves: until it knows, it could not number anything.
 * @throws when the api does not answer in time
 */
export async function askArchivedHead(host: RoomHost, party: Party): Promise<number> {
  const request: ArchiveHeadRequest = { party, room: host.id };
  let last: unknown;
  for (let tries = 1; tries <= TRIES; tries++) {
    try {
      const answer = await host.postApi("/internal/archive/head", JSON.stringify(request));
      if (answer.status === 200) return archiveHeadAnswer.parse(JSON.parse(answer.body)).head;
      last = `status ${answer.status}`;
    } catch (error) {
      last = error;
    }
    await new Promise<void>((done) => host.after(BETWEEN_TRIES_MS, done));
  }
  throw new Error(`the archive does not say how far this room had come: ${String(last)}`);
}
