/** Whose a room is. */
import type { Client } from "@libsql/client/sqlite3";
import type { Party } from "../../../party/protocol/tickets.ts";
import { notFound } from "../errors.ts";

const SQL: Record<Party, string> = {
  company: "SELECT id AS company FROM companies WHERE id = :room",
  agent: "SELECT company FROM agents WHERE id = :room",
  session: "SELECT company FROM sessions WHERE id = :room",
};

/**
 * The company a room belongs to; whether the person is in it is asked separately.
 * @throws 404 when there is no such room
 */
export async function companyOfRoom(read: Client, party: Party, room: string): Promise<string> {
  const { rows } = await read.execute({ sql: SQL[party], args: { room } });
  const company = rows[0]?.company;
  if (typeof company !== "string") throw notFound();
  return company;
}
