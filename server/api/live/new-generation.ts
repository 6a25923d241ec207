/**
 * After a restore every room is woken once: alarms of what was due meanwhile may be missing in the copy, and what a room has not
 * handed up yet, to the archive or to another room, must not wait until somebody happens to look.
 */
import { laneRoom } from "../../../party/protocol/lanes.ts";
import { PARTIES, type Party } from "../../../party/protocol/tickets.ts";
import { RoomsAway } from "../../rooms/client/room-http.ts";
import type { Services } from "../services.ts";

/** The key in the table of the instance: the generation whose rooms are awake. */
const KEY = "generation";
const FIRST_GENERATION = 1;
/** rooms woken at a time: people who come in meanwhile are served first */
const AT_A_TIME = 4;
/** ms until rooms that are away are tried again */
const AGAIN_MS = 500;

/** The rooms of a kind, those of private conversations too. */
const ROOMS: Record<Party, string> = {
  company: "SELECT id AS owner, NULL AS session FROM companies UNION ALL SELECT company, id FROM sessions WHERE private = 1",
  agent: `SELECT id AS owner, NULL AS session FROM agents UNION ALL
    SELECT p.agent, p.session FROM session_agents p JOIN sessions s ON s.id = p.session WHERE s.private = 1`,
  session: "SELECT id AS owner, NULL AS session FROM sessions",
};

/** Wakes every room unless that was done in this generation. Resolves when all have answered. */
export async function wakeRestoredRooms({ read, write, rooms, settings, log }: Services): Promise<void> {
  const { rows } = await read.execute({ sql: "SELECT value FROM instance WHERE key = ?", args: [KEY] });
  if (Number(rows[0]?.value ?? FIRST_GENERATION) === settings.generation) return;
  let woken = 0;
  for (const party of PARTIES) {
    const listed = await read.execute(ROOMS[party]);
    const waiting = listed.rows.map(({ owner, session }) =>
      session === null ? String(owner) : laneRoom(String(owner), String(session)),
    );
    const worker = async (): Promise<void> => {
      for (let room = waiting.pop(); room !== undefined; room = waiting.pop()) {
        await wake(rooms, party, room);
        woken += 1;
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  }
  await write(() => [
    {
      sql: "INSERT INTO instance (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      args: [KEY, String(settings.generation)],
    },
  ]);
  log.info({ generation: settings.generation, rooms: woken }, "the rooms of a restored instance are awake");
}

async function wake(rooms: Services["rooms"], party: Party, room: string): Promise<void> {
  for (;;) {
    try {
      await rooms.state(party, room);
      return;
    } catch (error) {
      if (!(error instanceof RoomsAway)) throw error;
      await new Promise((done) => setTimeout(done, AGAIN_MS).unref());
    }
  }
}
