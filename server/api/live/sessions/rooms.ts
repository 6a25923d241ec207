/**
 * Which rooms hear of a record: one's own, and those of the private conversations one is part of (party/protocol/lanes.ts). As
 * queries, so that they are found in the write that changes the record.
 */
import type { SqlValue } from "../../../../db/write-queue.ts";

/** A query of rooms' names, for `toRooms`. */
type Rooms = { sql: string; args: SqlValue[] };

export function roomsOfAgent(agent: string): Rooms {
  return {
    sql: `SELECT ? AS room UNION ALL SELECT p.agent || '-' || p.session FROM session_agents p
      JOIN sessions s ON s.id = p.session WHERE s.private = 1 AND p.agent = ?`,
    args: [agent, agent],
  };
}

export function roomsOfCompany(company: string): Rooms {
  return {
    sql: "SELECT ? AS room UNION ALL SELECT s.company || '-' || s.id FROM sessions s WHERE s.private = 1 AND s.company = ?",
    args: [company, company],
  };
}

export function roomsOfMember(company: string, person: string): Rooms {
  return {
    sql: `SELECT ? AS room UNION ALL SELECT s.company || '-' || s.id FROM session_people p
      JOIN sessions s ON s.id = p.session WHERE s.private = 1 AND s.company = ? AND p.user = ?`,
    args: [company, company, person],
  };
}

/** Every agent's room of a company, lanes included. */
export function agentRoomsOfCompany(company: string): Rooms {
  return {
    sql: `SELECT id AS room FROM agents WHERE company = ? UNION ALL SELECT p.agent || '-' || p.session
      FROM session_agents p JOIN sessions s ON s.id = p.session WHERE s.private = 1 AND s.company = ?`,
    args: [company, company],
  };
}
