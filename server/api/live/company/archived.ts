/** Approvals and questions as the archive knows them. */
import type { Client, InValue } from "@libsql/client/sqlite3";
import { type Approval, type ApprovalState, approval, type Question } from "../../../../party/protocol/company.ts";
import { EMPTY_COMPANY, evolveCompany } from "../../../../party/protocol/company-state.ts";
import { eventSchema } from "../../../../party/protocol/frames.ts";

/** A place in the list of approvals, newest first: the next page starts below it. */
export type ApprovalPlace = { createdAt: string; id: string };

/** Approvals below a place, newest first. */
export async function archivedApprovals(
  read: Client,
  company: string,
  { state, below, limit }: { state: ApprovalState | undefined; below: ApprovalPlace | undefined; limit: number },
): Promise<Approval[]> {
  const where = ["company = ?"];
  const args: InValue[] = [company];
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
    sql: `SELECT json FROM approvals WHERE company = ? AND agent = ? AND tool = ? AND created_at >= ?
      ORDER BY created_at DESC LIMIT ?`,
    args: [company, agent, tool, since, limit],
  });
  return rows.map((row) => approval.parse(JSON.parse(String(row.json))));
}

export async function archivedApproval(read: Client, company: string, id: string): Promise<Approval | undefined> {
  const { rows } = await read.execute({ sql: "SELECT json FROM approvals WHERE company = ? AND id = ?", args: [company, id] });
  const row = rows[0];
  return row && approval.parse(JSON.parse(String(row.json)));
}

/** Questions folded from the archived events: slow, and only asked for while the room is away. */
export async function archivedQuestions(read: Client, company: string): Promise<Question[]> {
  const { rows } = await read.execute({
    sql: `SELECT json FROM room_events WHERE room_party = 'company' AND room = ?
        AND type IN ('question.asked', 'question.reminded', 'question.answered', 'question.cancelled')
      ORDER BY seq`,
    args: [company],
  });
  let state = EMPTY_COMPANY;
  for (const row of rows) {
    const event = eventSchema.company.safeParse(JSON.parse(String(row.json)));
    if (event.success) state = evolveCompany(state, event.data);
  }
  return Object.values(state.questions);
}
