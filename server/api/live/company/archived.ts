/** Approvals and questions as the archive knows them. */
import type { Client, InValue } from "@libsql/client/sqlite3";
import { type Approval, type ApprovalState, approval, type Question } from "../../../../party/protocol/company.ts";
import { EMPTY_COMPANY, evolveCompany } from "../../../../party/protocol/company-state.ts";
import { eventSchema } from "../../../../party/protocol/frames.ts";
import { laneRoom } from "../../../../party/protocol/lanes.ts";
import { notInOthersLane } from "../sessions/visible.ts";

/** Who asks: what an agent asked for a private conversation is shown to its people alone. */
export type Seeker = { company: string; user: string };

/** A place in the list of approvals, newest first: the next page starts below it. */
export type ApprovalPlace = { createdAt: string; id: string };

/** Approvals below a place, newest first. */
export async function archivedApprovals(
  read: Client,
  { company, user }: Seeker,
  { state, below, limit }: { state: ApprovalState | undefined; below: ApprovalPlace | undefined; limit: number },
): Promise<Approval[]> {
  const where = ["company = ?", notInOthersLane("lane")];
  const args: InValue[] = [company, user];
  if (state) {
    where.push("state = ?");
    args.push(state);
  }
  if (below) {
    where.push("(created_at, id) < (?, ?)");
    args.push(below.createdAt, below.id);
  }
  const { rows } = await read.execute({
    sql: `SELECT json FROM approvals WHERE ${where.join(" AND ")} ORDER BY created_at DESC, id DESC LIMIT ?`,
    args: [...args, limit],
  });
  return rows.map((row) => approval.parse(JSON.parse(String(row.json))));
}

/** What an agent asked of one tool since a time, newest first. */
export async function approvalsLike(
  read: Client,
  company: string,
  { agent, tool, since, limit }: { agent: string; tool: string; since: string; limit: number },
): Promise<Approval[]> {
  const { rows } = await read.execute({
    sql: `SELECT json FROM approvals WHERE company = ? AND lane IS NULL AND agent = ? AND tool = ? AND created_at >= ?
      ORDER BY created_at DESC LIMIT ?`,
    args: [company, agent, tool, since, limit],
  });
  return rows.map((row) => approval.parse(JSON.parse(String(row.json))));
}

/** An approval, and the company's room or the annex that holds it. */
export async function archivedApproval(
  read: Client,
  { company, user }: Seeker,
  id: string,
): Promise<{ approval: Approval; room: string } | undefined> {
  const { rows } = await read.execute({
    sql: `SELECT lane, json FROM approvals WHERE company = ? AND id = ? AND ${notInOthersLane("lane")}`,
    args: [company, id, user],
  });
  const row = rows[0];
  if (!row) return undefined;
  const room = row.lane === null ? company : laneRoom(company, String(row.lane));
  return { approval: approval.parse(JSON.parse(String(row.json))), room };
}

/** Questions folded from the archived events of rooms: slow, for annexes and while the company's room is away. */
export async function archivedQuestions(read: Client, rooms: readonly string[]): Promise<Question[]> {
  const { rows } = await read.execute({
    sql: `SELECT json FROM room_events WHERE room_party = 'company' AND room IN (SELECT value FROM json_each(?))
        AND type IN ('question.asked', 'question.reminded', 'question.answered', 'question.cancelled')
      ORDER BY room, seq`,
    args: [JSON.stringify(rooms)],
  });
  let state = EMPTY_COMPANY;
  for (const row of rows) {
    const event = eventSchema.company.safeParse(JSON.parse(String(row.json)));
    if (event.success) state = evolveCompany(state, event.data);
  }
  return Object.values(state.questions);
}
