/**
 * What follows an allow: the right to carry the call out is claimed here once, after rights, expiry and arguments were
 * checked again.
 */

import { type Refused, refuse } from "../lib/core.ts";
import type { Approval } from "../protocol/company.ts";
import type { RoomOp } from "../protocol/internal.ts";
import { atLeast, RISK_ROLE } from "../protocol/roles.ts";
import { dropHeld } from "./grace.ts";
import { endPatternsOfRun } from "./patterns.ts";
import type { Turn } from "./turn.ts";

/** A runner claims the right to carry out an approved call. Granted once per approval. */
export function execute(turn: Turn, op: Extract<RoomOp, { op: "approval.execute" }>): Refused | undefined {
  const approval = turn.state.approvals[op.approval];
  if (!approval || approval.run !== op.run) return refuse("not_found", "There is no such approval.");
  if (op.fence < (turn.main.dead[op.run] ?? 0)) return refuse("fenced", "The lease of this runner is gone.");
  const running = turn.main.executions[approval.id];
  if (approval.state === "executing" && running) {
    if (running.fence === op.fence) {
      // The first answer was lost on its way.
      turn.result = { granted: true };
      return undefined;
    }
    // An older fence asks again, or a newer one asks for what a dead one began: whether it took effect is not known.
    if (running.fence < op.fence) unknown(turn, approval);
    turn.result = { granted: false, code: "unknown" };
    return undefined;
  }
  if (approval.state !== "allowed" && approval.state !== "edited")
    return refuse(approval.state, `This call may not run: ${approval.state}.`);
  if (approval.digest !== op.digest) return refuse("stale_arguments", "These are not the arguments that were allowed.");
  const counted = approval.votes.filter((vote) => {
    const member = turn.state.members[vote.by.id];
    return vote.decision !== "deny" && member && atLeast(member.role, RISK_ROLE[approval.risk]);
  });
  if (counted.length < approval.need) {
    turn.emit({ type: "approval.state", approval: approval.id, state: "revoked", why: "Those who allowed it no longer may" });
    turn.result = { granted: false, code: "revoked" };
    return undefined;
  }
  if (Date.parse(approval.expiresAt) <= turn.now) {
    turn.emit({ type: "approval.state", approval: approval.id, state: "expired", why: "Allowed, but not started in time" });
    turn.result = { granted: false, code: "expired" };
    return undefined;
  }
  turn.emit({ type: "approval.state", approval: approval.id, state: "executing" });
  turn.setMain({ executions: { ...turn.main.executions, [approval.id]: { fence: op.fence, run: op.run, at: turn.now } } });
  turn.result = { granted: true };
  return undefined;
}

export function executed(turn: Turn, op: Extract<RoomOp, { op: "approval.executed" }>): Refused | undefined {
  const approval = turn.state.approvals[op.approval];
  const running = turn.main.executions[op.approval];
  if (approval?.state !== "executing" || !running || running.fence !== op.fence) return undefined;
  turn.emit({ type: "approval.state", approval: approval.id, state: op.effect === "unknown" ? "unknown" : "executed" });
  forgetExecution(turn, approval.id);
  return undefined;
}

/** The lease under an older fence is gone: what it was carrying out is unknown from now on. */
export function lost(turn: Turn, run: string, below: number): void {
  turn.setMain({ dead: { ...turn.main.dead, [run]: Math.max(below, turn.main.dead[run] ?? 0) } });
  for (const [id, execution] of Object.entries(turn.main.executions)) {
    const approval = turn.state.approvals[id];
    if (execution.run === run && execution.fence < below && approval) unknown(turn, approval);
  }
}

function unknown(turn: Turn, approval: Approval): void {
  turn.emit({ type: "approval.state", approval: approval.id, state: "unknown", why: "Its runner died while carrying it out" });
  forgetExecution(turn, approval.id);
}

function forgetExecution(turn: Turn, id: string): void {
  const { [id]: _done, ...executions } = turn.main.executions;
  turn.setMain({ executions });
}

/** A call was broken off before anyone decided: there is nothing left to decide. */
export function withdraw(turn: Turn, run: string, ids: readonly string[], why: string): void {
  for (const id of ids) {
    const approval = turn.state.approvals[id];
    if (approval?.run === run && approval.state !== "executing") cancel(turn, approval, why);
  }
}

function cancel(turn: Turn, approval: Approval, why: string): void {
  if (!["pending", "allowed", "edited"].includes(approval.state)) return;
  turn.emit({ type: "approval.state", approval: approval.id, state: "cancelled", why });
  dropHeld(turn, approval.id);
  const { [approval.id]: _edit, ...edits } = turn.main.edits;
  if (approval.id in turn.main.edits) turn.setMain({ edits });
}

/** The run has ended: nothing may be decided for it any more. */
export function cancelOf(turn: Turn, run: string, why: string): void {
  for (const approval of Object.values(turn.state.approvals)) {
    if (approval.run !== run) continue;
    if (approval.state === "executing") unknown(turn, approval);
    else cancel(turn, approval, why);
  }
  endPatternsOfRun(turn, run);
  const { [run]: _fence, ...dead } = turn.main.dead;
  if (run in turn.main.dead) turn.setMain({ dead });
}
