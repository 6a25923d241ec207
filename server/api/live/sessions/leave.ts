/** Who leaves the company leaves its private conversations with it: coming back, they are let into none of them by themselves. */
import type { Client } from "@libsql/client/sqlite3";
import { mustHold, type Statement, type UnitContext } from "../../../../db/write-queue.ts";
import { laneRoom } from "../../../../party/protocol/lanes.ts";
import { findSession, type SessionOut, tellSession } from "./records.ts";

/** Private conversations that name a person, as they see them. */
export async function privateSessionsOf(read: Client, company: string, user: string): Promise<SessionOut[]> {
  const { rows } = await read.execute({
    sql: `SELECT s.id FROM sessions s JOIN session_people p ON p.session = s.id
      WHERE s.company = ? AND s.private = 1 AND p.user = ?`,
    args: [company, user],
  });
  const found = await Promise.all(rows.map(({ id }) => findSession(read, { company, user }, String(id))));
  return found.filter((session) => session !== undefined);
}

/**
 * The statements that take a person out of conversations, for the unit that takes them out of the company. They come behind
 * what tells the rooms of the removal, which finds its rooms by these rows.
 * @param sessions as read before the write; refuses with `stale` when one was changed since
 */
export function leaveSessions(context: UnitContext, company: string, user: string, sessions: readonly SessionOut[]): Statement[] {
  return sessions.flatMap((session) => {
    const people = (session.people ?? []).filter(({ id }) => id !== user);
    const left = { ...session, people };
    const ids = people.map(({ id }) => id);
    return [
      mustHold("stale", "SELECT EXISTS (SELECT 1 FROM sessions WHERE id = ? AND version = ?)", [session.id, session.version]),
      { sql: "DELETE FROM session_people WHERE session = ? AND user = ?", args: [session.id, user] },
      tellSession(context, company, left),
      ...session.agents.map(({ id }) =>
        context.toRoom("agent", laneRoom(id, session.id), { kind: "lane", session: session.id, people: ids }),
      ),
    ];
  });
}
