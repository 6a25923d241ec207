/**
 * Consent: asking and deciding. The room's log order is the truth: the first valid decision wins, and a deny ends it. What
 * follows an allow is in execution.ts, decisions that can still be taken back in grace.ts, allows that count again in
 * patterns.ts.
 */

import { type Refused, refuse } from "../lib/core.ts";
import { describeCall } from "../protocol/agent-state.ts";
import type { CompanyCommand } from "../protocol/commands.ts";
import { type Actor, type ActorRef, inlineText } from "../protocol/common.ts";
import type { Approval, ApprovalState } from "../protocol/company.ts";
import type { RememberedPattern } from "../protocol/consent/schema.ts";
import { argumentsDigest, canonicalJson } from "../protocol/digest.ts";
import type { RoomMessage } from "../protocol/internal.ts";
import { atLeast, lower, RISK_ROLE, type Role } from "../protocol/roles.ts";
import type { Vote } from "../protocol/run-events.ts";
import { dropHeld, hold } from "./grace.ts";
import { countUse, coveringPattern, patternNote, remember, whyNotRemember } from "./patterns.ts";
import { RISK_WORDS } from "./risk.ts";
import { refOf, SYSTEM, type Turn } from "./turn.ts";

export type Decide = Extract<CompanyCommand, { type: "approval.decide" }>;

/** States that a person's decision led to. The others closed by themselves: nobody was first. */
const DECIDED: readonly ApprovalState[] = ["allowed", "edited", "denied", "executing", "executed", "unknown"];

/** The role that counts: never more than the room's own record of the person. */
export function roleOf(turn: Turn, actor: Actor): Role | undefined {
  const member = turn.state.members[actor.id];
  return member && lower(member.role, actor.role);
}

export function ask(turn: Turn, message: Extract<RoomMessage, { kind: "approval.ask" }>): void {
  const { approval: id, ...rest } = message.ask;
  if (turn.state.approvals[id]) return;
  const approval: Approval = { ...rest, id, version: 1, state: "pending", votes: [], createdAt: turn.at };
  turn.emit({ type: "approval.asked", approval });
  if (approval.digest !== argumentsDigest(approval.tool, message.ask.input, approval.cwd)) {
    // What people would read is not what the digest binds: nobody may decide on it.
    settle(turn, approval, "superseded", []);
    return;
  }
  const pattern = coveringPattern(turn, approval, message.ask.input);
  if (pattern) settleBy(turn, approval, pattern);
}

export function decide(turn: Turn, actor: Actor, command: Decide): Refused | undefined {
  const approval = turn.state.approvals[command.approval];
  if (!approval) return refuse("not_found", "There is no such approval.");
  const role = roleOf(turn, actor);
  const least = RISK_ROLE[approval.risk];
  if (actor.kind !== "person" || !role || !atLeast(role, least)) {
    return refuse("forbidden", `Deciding on ${RISK_WORDS[approval.risk]} needs the role ${least}.`);
  }
  if (approval.state !== "pending") return alreadyDecided(turn, approval, actor, command);
  const refused = notAsSeen(turn, approval, actor, command) ?? whyNotRemember(turn, approval, command);
  if (refused) return refused;
  if (command.graceMs !== undefined) return hold(turn, approval, actor, command, command.graceMs);
  if (command.decision === "edit") return edit(turn, actor, approval, command);
  vote(turn, actor, approval, command);
  return undefined;
}

/** The call must be the one the person read, in time, and theirs to decide. */
function notAsSeen(turn: Turn, approval: Approval, actor: Actor, command: Decide): Refused | undefined {
  if (command.version !== approval.version || command.digest !== approval.digest) {
    return refuse("stale_arguments", "The call changed while you were reading. Look at it again before you decide.");
  }
  // The room's clock closes it in a moment; a late press must not look like a decision.
  if (Date.parse(approval.expiresAt) <= turn.now) return refuse("expired", "This ask has expired. Nothing ran.");
  if (command.decision === "edit" && (command.input === undefined || canonical(command.input) === undefined)) {
    return refuse(
      "invalid",
      command.input === undefined ? "Say the new arguments with the edit." : "The new arguments are not JSON.",
    );
  }
  if (!turn.state.config?.fourEyes || command.decision === "deny") return undefined;
  if (approval.cause?.id === actor.id) return refuse("four_eyes", "You asked for this run, so somebody else has to allow it.");
  if (command.decision === "allow" && approval.editedBy?.id === actor.id)
    return refuse("four_eyes", "You wrote these arguments, so somebody else has to allow them.");
  return undefined;
}

function vote(turn: Turn, actor: Actor, approval: Approval, command: Decide): void {
  const mine: Vote = { by: refOf(actor), decision: command.decision, at: turn.at, note: command.note };
  turn.emit({ type: "approval.voted", approval: approval.id, vote: mine });
  const votes = [...approval.votes.filter((earlier) => earlier.by.id !== actor.id), mine];
  if (command.decision === "deny") settle(turn, approval, "deny", votes);
  else if (votes.filter((counted) => counted.decision !== "deny").length >= approval.need) {
    settle(turn, approval, approval.editedBy ? "edit" : "allow", votes);
    const pattern = remember(turn, approval, refOf(actor), command.remember);
    if (pattern) settleCovered(turn);
  }
  turn.result = { state: turn.state.approvals[approval.id]?.state };
}

/** New arguments are a new version: earlier votes fall, and the editor's counts unless four eyes are asked for. */
function edit(turn: Turn, actor: Actor, approval: Approval, command: Decide): Refused | undefined {
  const input = canonical(command.input ?? "");
  if (input === undefined) return refuse("invalid", "The new arguments are not JSON.");
  const digest = argumentsDigest(approval.tool, input, approval.cwd);
  const version = approval.version + 1;
  turn.emit({ type: "approval.edited", approval: approval.id, version, input, digest, by: refOf(actor) });
  turn.setMain({ edits: { ...turn.main.edits, [approval.id]: input } });
  const edited = turn.state.approvals[approval.id];
  turn.result = { state: "pending", version, digest };
  if (!edited || turn.state.config?.fourEyes) return undefined;
  const mine: Vote = { by: refOf(actor), decision: "edit", at: turn.at, note: command.note };
  turn.emit({ type: "approval.voted", approval: approval.id, vote: mine });
  if (edited.need <= 1) settle(turn, edited, "edit", [mine]);
  turn.result = { state: turn.state.approvals[approval.id]?.state, version: edited.version, digest };
  return undefined;
}

/** The text of JSON as it is digested, shown and carried out; undefined for anything else. */
function canonical(text: string): string | undefined {
  try {
    return canonicalJson(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Settles an ask as a remembered pattern says: nobody was asked, and everyone can read which pattern it was. */
function settleBy(turn: Turn, approval: Approval, pattern: RememberedPattern): void {
  const note = patternNote(pattern);
  settle(turn, approval, "allow", [{ by: pattern.by, decision: "allow", at: turn.at, note }], pattern);
  countUse(turn, pattern, approval.id);
}

/** What was asked before a pattern was given is settled by it too: calls of one turn are asked together. */
function settleCovered(turn: Turn): void {
  for (const approval of Object.values(turn.state.approvals)) {
    if (approval.state !== "pending" || approval.held || approval.votes.length > 0 || typeof approval.input !== "string")
      continue;
    const pattern = coveringPattern(turn, approval, approval.input);
    if (pattern) settleBy(turn, approval, pattern);
  }
}

function settle(
  turn: Turn,
  approval: Approval,
  decision: "allow" | "deny" | "edit" | "expired" | "superseded",
  votes: Vote[],
  pattern?: RememberedPattern,
): void {
  const { [approval.id]: input, ...edits } = turn.main.edits;
  if (input !== undefined) turn.setMain({ edits });
  dropHeld(turn, approval.id);
  turn.emit({ type: "approval.decided", approval: approval.id, decision, by: votes });
  turn.tellAgent(approval.agent, {
    kind: "approval.decided",
    approval: approval.id,
    run: approval.run,
    call: approval.call,
    digest: approval.digest,
    decision,
    input,
    by: votes,
  });
  const { by, text } = activityOf(approval, decision, votes.at(-1)?.by, pattern);
  turn.activity(by, text, { agent: approval.agent, run: approval.run });
}

function activityOf(
  approval: Approval,
  decision: Parameters<typeof settle>[2],
  last: ActorRef | undefined,
  pattern: RememberedPattern | undefined,
): { by: ActorRef; text: string } {
  if (decision === "expired" || decision === "superseded" || !last)
    return { by: SYSTEM, text: `closed an ask of ${approval.agentName}: ${approval.tool}, ${decision}` };
  const call = `${describeCall(approval.tool, inlineText(approval.input))} in ${approval.runTitle}`;
  if (pattern) return { by: SYSTEM, text: `allowed ${call}, as ${pattern.by.name} had it remembered` };
  const words = decision === "deny" ? "denied" : decision === "edit" ? "changed and allowed" : "allowed";
  return { by: last, text: `${words} ${call}` };
}

function alreadyDecided(turn: Turn, approval: Approval, actor: Actor, command: Decide): Refused | undefined {
  const mine = approval.votes.find((earlier) => earlier.by.id === actor.id);
  if (mine && mine.decision === command.decision) {
    turn.result = { state: approval.state };
    return undefined;
  }
  const winner = DECIDED.includes(approval.state) ? approval.votes.at(-1) : undefined;
  if (!winner) return refuse("conflict", `This ask is closed: ${approval.state}.`);
  const { by, decision, at, note } = winner;
  return refuse("already_decided", `${by.name} decided first: ${decision}.`, {
    winner: { by: { id: by.id, name: by.name }, decision, at, note },
  });
}

export function claim(turn: Turn, actor: Actor, id: string, take: boolean): Refused | undefined {
  const approval = turn.state.approvals[id];
  if (approval?.state !== "pending") return refuse("conflict", "This ask is closed already.");
  if (take) turn.emit({ type: "approval.claimed", approval: id, by: refOf(actor) });
  else if (approval.claim) turn.emit({ type: "approval.released", approval: id, by: refOf(actor) });
  return undefined;
}

/** Expiry denies. */
export function expireDue(turn: Turn): void {
  for (const approval of Object.values(turn.state.approvals)) {
    if (approval.state === "pending" && Date.parse(approval.expiresAt) <= turn.now)
      settle(turn, approval, "expired", approval.votes);
  }
}

export function nextExpiry(approvals: Approval[]): number | undefined {
  const due = approvals.filter((approval) => approval.state === "pending").map((approval) => Date.parse(approval.expiresAt));
  return due.length === 0 ? undefined : Math.min(...due);
}
