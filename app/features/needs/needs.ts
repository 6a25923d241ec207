import type { Approval, CompanyState, Question } from "../../../party/protocol/company.ts";

/** One thing only a person can do. */
export type Need =
  | { kind: "approval"; id: string; at: string; held: number; approval: Approval }
  | { kind: "question"; id: string; at: string; held: number; question: Question };

/** How many runs of its agent wait behind a need, itself included. */
function heldBy(state: CompanyState, agent: string): number {
  return 1 + (state.roster[agent]?.queued ?? 0);
}

/** What needs a person now: most held up behind it first, then the oldest. */
export function openNeeds(state: CompanyState): Need[] {
  const approvals = Object.values(state.approvals)
    .filter((approval) => approval.state === "pending")
    .map(
      (approval): Need => ({
        kind: "approval",
        id: approval.id,
        at: approval.createdAt,
        held: heldBy(state, approval.agent),
        approval,
      }),
    );
  const questions = Object.values(state.questions)
    .filter((question) => question.state === "open")
    .map(
      (question): Need => ({
        kind: "question",
        id: question.id,
        at: question.createdAt,
        held: heldBy(state, question.agent),
        question,
      }),
    );
  return [...approvals, ...questions].sort((a, b) => b.held - a.held || a.at.localeCompare(b.at));
}

/** What an agent asks of a person right now, in its words. */
export function askOf(state: CompanyState, agent: string): string | undefined {
  for (const need of openNeeds(state)) {
    if (need.kind === "approval" && need.approval.agent === agent) return need.approval.question;
    if (need.kind === "question" && need.question.agent === agent) return need.question.text;
  }
  return undefined;
}

/** One need, open or settled: a sheet keeps showing what it was opened for. */
export function needById(state: CompanyState, id: string): Need | undefined {
  const approval = state.approvals[id];
  if (approval) return { kind: "approval", id, at: approval.createdAt, held: heldBy(state, approval.agent), approval };
  const question = state.questions[id];
  return question && { kind: "question", id, at: question.createdAt, held: heldBy(state, question.agent), question };
}

/** Approvals that were settled, newest first. */
export function settledApprovals(state: CompanyState, limit: number): Approval[] {
  return Object.values(state.approvals)
    .filter((approval) => approval.state !== "pending" && approval.decidedAt !== undefined)
    .sort((a, b) => (b.decidedAt ?? "").localeCompare(a.decidedAt ?? ""))
    .slice(0, limit);
}
