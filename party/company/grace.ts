/**
 * Decisions that can be taken back. An effect begins milliseconds after an allow, so nothing can be undone once it counts;
 * a decision may instead be made with a grace: the room keeps it, shows it to everyone, and carries it out when the grace is
 * over, also when the person who made it closed the window. Until then its maker may withdraw it, and anyone else's decision
 * counts at once, as always.
 */

import { type Refused, refuse } from "../lib/core.ts";
import type { Actor } from "../protocol/common.ts";
import type { Approval } from "../protocol/company.ts";
import { type Decide, decide } from "./approvals.ts";
import { refOf, SYSTEM, type Turn } from "./turn.ts";

/** Keeps a decision that was found valid until its grace is over. */
export function hold(turn: Turn, approval: Approval, actor: Actor, command: Decide, graceMs: number): Refused | undefined {
  if (approval.held && approval.held.by.id !== actor.id)
    return refuse("held", `${approval.held.by.name} is deciding this right now. Look again in a moment.`);
  const until = new Date(turn.now + graceMs).toISOString();
  const { graceMs: _grace, ...later } = command;
  turn.setMain({ held: { ...turn.main.held, [approval.id]: { actor, command: later } } });
  const held = { by: refOf(actor), decision: command.decision, at: turn.at, until };
  turn.emit({ type: "approval.held", approval: approval.id, held });
  turn.result = { state: approval.state, heldUntil: until };
  return undefined;
}

/** Takes a decision back that does not count yet. */
export function withdrawHeld(turn: Turn, actor: Actor, id: string): Refused | undefined {
  const approval = turn.state.approvals[id];
  if (!approval) return refuse("not_found", "There is no such approval.");
  if (!approval.held) {
    return refuse(
      "conflict",
      approval.state === "pending" ? "No decision is on its way." : "Too late: the decision counts already.",
    );
  }
  if (approval.held.by.id !== actor.id) return refuse("forbidden", `Only ${approval.held.by.name} can take that back.`);
  dropHeld(turn, id);
  turn.emit({ type: "approval.withdrawn", approval: id, by: refOf(actor) });
  turn.result = { state: approval.state };
  return undefined;
}

/** Carries out decisions whose grace is over, with the rights and the arguments of now. */
export function decideHeld(turn: Turn): void {
  for (const { id, state, held } of Object.values(turn.state.approvals)) {
    if (state !== "pending" || !held || Date.parse(held.until) > turn.now) continue;
    const kept = turn.main.held[id];
    dropHeld(turn, id);
    const refused = kept ? decide(turn, kept.actor, kept.command) : refuse("conflict", "The decision was lost.");
    // What a person asked for was answered long ago; the result of this turn is nobody's.
    turn.result = undefined;
    if (turn.state.approvals[id]?.held)
      turn.emit({ type: "approval.withdrawn", approval: id, by: SYSTEM, why: refused?.message });
  }
}

/** Forgets what was kept of a decision. */
export function dropHeld(turn: Turn, id: string): void {
  if (!(id in turn.main.held)) return;
  const { [id]: _gone, ...held } = turn.main.held;
  turn.setMain({ held });
}

export function nextHeld(approvals: Approval[]): number | undefined {
  const due = approvals.flatMap(({ state, held }) => (state === "pending" && held ? [Date.parse(held.until)] : []));
  return due.length === 0 ? undefined : Math.min(...due);
}
