/** Whose a room is. */
import type { Client } from "@libsql/client/sqlite3";
import { laneOf } from "../../../party/protocol/lanes.ts";
import type { Party } from "../../../party/protocol/tickets.ts";
import { notFound } from "../errors.ts";

const SQL: Record<Party, string> = {
  company: "SELECT id AS company FROM companies WHERE id = :room",
  agent: "SELECT company FROM agents WHERE id = :room",
  session: "SELECT company FROM sessions WHERE id = :room",
};

/** The company of an agent's lane, while the conversation it belongs to names the agent. */
const LANE_SQL = `SELECT s.company FROM sessions s JOIN session_agents p ON p.session = s.id
  WHERE s.id = :session AND s.private = 1 AND p.agent = :owner`;

/** `session`: the conversation whose people alone may enter. */
export type RoomOwner = { company: string; session?: string };

/**
 * The company a room belongs to; whether the person is in it is asked separately.
 * @throws 404 when there is no such room, and for rooms that nobody enters
 */
export async function ownerOfRoom(read: Client, party: Party, room: string): Promise<RoomOwner> {
  const lane = laneOf(room);
  if (lane && party !== "agent") throw notFound();
  const { rows } = await read.execute(lane ? { sql: LANE_SQL, args: lane } : { sql: SQL[party], args: { room } });
  const company = rows[0]?.company;
  if (typeof company !== "string") throw notFound();
  if (party === "session") return { company, session: room };
  return lane ? { company, session: lane.session } : { company };
}
