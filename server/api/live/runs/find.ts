/** Finds a run: what the archive knows of it, and what its room knows while it lives. */
import type { Client, Row } from "@libsql/client/sqlite3";
import type { AgentState } from "../../../../party/protocol/agent.ts";
import { isId } from "../../../../party/protocol/ids.ts";
import type { RoomClient } from "../../../rooms/client/client.ts";
import { RoomsAway } from "../../../rooms/client/room-http.ts";
import { roomsAway } from "../../errors.ts";
import { fromRow, fromView, type RunOut } from "./shape.ts";

/** rooms asked for a run that nobody archived yet */
const AGENTS_ASKED = 50;

export const RUN_COLUMNS = "agent, state, last_seq, json";

/** Where a run is, and how far the archive follows it. `archived` is undefined for a run it has not seen. */
export type FoundRun = { run: string; agent: string; archived: Row | undefined };

/** The live state of an agent's room: `away` when it does not answer. */
export async function readAgent(rooms: RoomClient, agent: string): Promise<AgentState | "away" | undefined> {
  try {
    return (await rooms.state("agent", agent))?.state;
  } catch (error) {
    if (error instanceof RoomsAway) return "away";
    throw error;
  }
}

/**
 * Looks in the archive, then in the leases, then, for a run that is younger than both, in the rooms of the company.
 * @throws 503 while it is unknown and one of those rooms is away
 */
export async function findRun(read: Client, rooms: RoomClient, company: string, run: string): Promise<FoundRun | undefined> {
  if (!isId(run, "run")) return undefined;
  const { rows } = await read.execute({
    sql: `SELECT ${RUN_COLUMNS} FROM runs WHERE id = ? AND company = ?`,
    args: [run, company],
  });
  const archived = rows[0];
  if (archived) return { run, agent: String(archived.agent), archived };
  const leased = await read.execute({ sql: "SELECT agent FROM run_leases WHERE run = ? AND company = ?", args: [run, company] });
  const agent = leased.rows[0]?.agent ?? (await askRooms(read, rooms, company, run));
  return typeof agent === "string" ? { run, agent, archived: undefined } : undefined;
}

async function askRooms(read: Client, rooms: RoomClient, company: string, run: string): Promise<string | undefined> {
  const { rows } = await read.execute({
    sql: "SELECT id FROM agents WHERE company = ? AND retired_at IS NULL ORDER BY updated_at DESC LIMIT ?",
    args: [company, AGENTS_ASKED],
  });
  const asked = rows.map(({ id }) => String(id));
  const states = await Promise.all(asked.map((agent) => readAgent(rooms, agent)));
  const agent = asked.find((_, index) => {
    const state = states[index];
    return state !== "away" && state?.runs[run];
  });
  // While a room that may know the run is away, nobody can say that there is none.
  if (agent === undefined && states.includes("away")) throw roomsAway();
  return agent;
}

/**
 * The run as it stands: from its room while it lives, else from the archive.
 * @throws 503 while only its absent room knows it
 */
export async function showRun(rooms: RoomClient, { run, agent, archived }: FoundRun): Promise<RunOut | undefined> {
  if (archived?.state === "ended") return fromRow(archived);
  const state = await readAgent(rooms, agent);
  if (state === "away") {
    if (!archived) throw roomsAway();
    return { ...fromRow(archived), stale: true };
  }
  const view = state?.runs[run];
  if (view) return fromView(agent, view);
  return archived && fromRow(archived);
}
