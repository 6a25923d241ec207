/** Finds a run: what the archive knows of it, and what its room knows while it lives. */
import type { Client, Row } from "@libsql/client/sqlite3";
import type { AgentState } from "../../../../party/protocol/agent.ts";
import { isId } from "../../../../party/protocol/ids.ts";
import { laneOf, laneRoom } from "../../../../party/protocol/lanes.ts";
import type { RoomClient } from "../../../rooms/client/client.ts";
import { RoomsAway } from "../../../rooms/client/room-http.ts";
import { roomsAway } from "../../errors.ts";
import { notInOthersLane } from "../sessions/visible.ts";
import { fromRow, fromView, type RunOut } from "./shape.ts";

/** rooms asked for a run that nobody archived yet */
const AGENTS_ASKED = 50;
/** the same of lanes: the conversations of the person with the newest talk */
const LANES_ASKED = 10;

export const RUN_COLUMNS = "agent, lane, state, last_seq, json";

/** Where a run is, and how far the archive follows it. `archived` is undefined for a run it has not seen. */
export type FoundRun = { run: string; agent: string; room: string; archived: Row | undefined };

/** Who asks for runs: those of private conversations are found by their people alone. */
export type RunSeeker = { company: string; user: string };

/** The room that holds a run: the agent's own, or its lane. */
export function roomOfRun({ agent, lane }: Pick<Row, string>): string {
  return typeof lane === "string" ? laneRoom(String(agent), lane) : String(agent);
}

/** The live state of an agent's room: `away` when it does not answer. */
export async function readAgent(rooms: RoomClient, room: string): Promise<AgentState | "away" | undefined> {
  try {
    return (await rooms.state("agent", room))?.state;
  } catch (error) {
    if (error instanceof RoomsAway) return "away";
    throw error;
  }
}

/**
 * Looks in the archive, then in the leases, then, for a run that is younger than both, in the rooms of the company.
 * @throws 503 while it is unknown and one of those rooms is away
 */
export async function findRun(
  read: Client,
  rooms: RoomClient,
  { company, user }: RunSeeker,
  run: string,
): Promise<FoundRun | undefined> {
  if (!isId(run, "run")) return undefined;
  for (const table of ["runs", "run_leases"] as const) {
    const isArchive = table === "runs";
    const { rows } = await read.execute({
      sql: `SELECT ${isArchive ? RUN_COLUMNS : "agent, lane"}, ${notInOthersLane("lane")} AS seen FROM ${table}
        WHERE ${isArchive ? "id" : "run"} = ? AND company = ?`,
      args: [user, run, company],
    });
    const row = rows[0];
    if (row?.seen === 0) return undefined;
    if (row) return { run, agent: String(row.agent), room: roomOfRun(row), archived: isArchive ? row : undefined };
  }
  return askRooms(read, rooms, { company, user }, run);
}

async function askRooms(
  read: Client,
  rooms: RoomClient,
  { company, user }: RunSeeker,
  run: string,
): Promise<FoundRun | undefined> {
  const { rows } = await read.execute({
    sql: `SELECT * FROM (SELECT id AS agent, NULL AS lane FROM agents WHERE company = ? AND retired_at IS NULL
        ORDER BY updated_at DESC LIMIT ?)
      UNION ALL SELECT * FROM (SELECT a.agent, s.id AS lane FROM session_people p JOIN sessions s ON s.id = p.session
          JOIN session_agents a ON a.session = s.id
        WHERE p.user = ? AND s.company = ? AND s.private = 1 ORDER BY s.last_message_at DESC LIMIT ?)`,
    args: [company, AGENTS_ASKED, user, company, LANES_ASKED],
  });
  const asked = rows.map((row) => ({ agent: String(row.agent), room: roomOfRun(row) }));
  const states = await Promise.all(asked.map(({ room }) => readAgent(rooms, room)));
  const place = asked.find((_, index) => {
    const state = states[index];
    return state !== "away" && state?.runs[run];
  });
  // While a room that may know the run is away, nobody can say that there is none.
  if (place === undefined && states.includes("away")) throw roomsAway();
  return place && { run, ...place, archived: undefined };
}

/**
 * The run as it stands: from its room while it lives, else from the archive.
 * @throws 503 while only its absent room knows it
 */
export async function showRun(rooms: RoomClient, { run, agent, room, archived }: FoundRun): Promise<RunOut | undefined> {
  if (archived?.state === "ended") return fromRow(archived);
  const state = await readAgent(rooms, room);
  if (state === "away") {
    if (!archived) throw roomsAway();
    return { ...fromRow(archived), stale: true };
  }
  const view = state?.runs[run];
  if (view) return fromView({ agent, lane: laneOf(room)?.session }, view);
  return archived && fromRow(archived);
}
