/**
 * Consent. The room's log order is the truth: the first valid decision wins, a deny ends it, and the right to carry an
 * approved call out is claimed here once, after rights, expiry and arguments were checked again.
 */

import { type Refused, refuse } from "../lib/core.ts";
import { describeCall } from "../protocol/agent-state.ts";
import type { CompanyCommand } from "../protocol/commands.ts";
import { type Actor, type ActorRef, inlineText, type Risk } from "../protocol/common.ts";
import type { Approval, ApprovalState } from "../protocol/company.ts";
import { argumentsDigest, canonicalJson } from "../protocol/digest.ts";
import type { RoomMessage, RoomOp } from "../protocol/internal.ts";
import { atLeast, lower, type Role } from "../protocol/roles.ts";
import type { Vote } from "../protocol/run-events.ts";
import type { Turn } from "./turn.ts";

type Decide = Extract<CompanyCommand, { type: "approval.decide" }>;

/** Who may decide a risk. Source: docs/architecture.md, "Rights". */
const RISK_ROLE: Record<Risk, Role> = {
  read: "operator",
  write: "operator",
  outward: "operator",
  unknown: "operator",
  spend: "admin",
  destroy: "admin",
};

const RISK_WORDS: Record<Risk, string> = {
  read: "reading",
  write: "writing",
  outward: "reaching outside",
  unknown: "an unknown effect",
  spend: "spending",
  destroy: "destroying",
};

/** States that a person's decision led to. The others closed by themselves: nobody was first. */
const DECIDED: readonly ApprovalState[] = ["allowed", "edited", "denied", "executing", "executed", "unknown"];

const ref = ({ id, name, kind }: ActorRef): ActorRef => ({ id, name, kind });

/** The role that counts: never more than the room's own record of the person. */
export function roleOf(turn: Turn, actor: Actor): Role | undefined {
  const member = turn.state.members[actor.id];
  return member && lower(member.role, actor.role);
}

export function ask(turn: Turn, message: Extract<RoomMessage, { kind: "approval.ask" }>): void {
  const { approval: id, ...rest } = message.ask;
  if (turn.state.approvals[id]) return;
  const at = new Date(turn.now).toISOString();
  const approval: Approval = { ...rest, id, version: 1, state: "pending", votes: [], createdAt: at };
  turn.emit({ type: "approval.asked", approval });
  if (approval.digest !== argumentsDigest(approval.tool, message.ask.input, approval.cwd)) {
    // What people would read is not what the digest binds: nobody may decide on it.
    settle(turn, approval, "superseded", []);
    return;
  }
  const grant = turn.main.grants[approval.run]?.find((granted) => granted.tool === approval.tool);
  if (!grant || !grantable(approval)) return;
  const member = turn.state.members[grant.by.id];
  if (!member || !atLeast(member.role, RISK_ROLE[approval.risk])) return;
  settle(turn, approval, "allow", [{ by: grant.by, decision: "allow", at, note: "Allowed for the whole run" }]);
}

/** Whether an allow may cover later calls of the run: not where money or deletion is at stake, nor outside a sandbox. */
function grantable(approval: Approval): boolean {
  return approval.need <= 1 && !approval.everyTime && approval.risk !== "spend" && approval.risk !== "destroy";
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
  if (command.version !== approval.version || command.digest !== approval.digest) {
    return refuse("stale_arguments", "The call changed while you were reading. Look at it again before you decide.");
  }
  // The room's clock closes it in a moment; a late press must not look like a decision.
  if (Date.parse(approval.expiresAt) <= turn.now) return refuse("expired", "This ask has expired. Nothing ran.");
  const at = new Date(turn.now).toISOString();
  if (turn.state.config?.fourEyes && command.decision !== "deny") {
    if (approval.cause?.id === actor.id) return refuse("four_eyes", "You asked for this run, so somebody else has to allow it.");
    if (command.decision === "allow" && approval.editedBy?.id === actor.id)
      return refuse("four_eyes", "You wrote these arguments, so somebody else has to allow them.");
  }

  if (command.decision === "edit") return edit(turn, actor, approval, command, at);
  const vote: Vote = { by: ref(actor), decision: command.decision, at, note: command.note };
  turn.emit({ type: "approval.voted", approval: approval.id, vote });
  const votes = [...approval.votes.filter((earlier) => earlier.by.id !== actor.id), vote];
  if (command.decision === "deny") settle(turn, approval, "deny", votes);
  else if (votes.filter((counted) => counted.decision !== "deny").length >= approval.need) {
    settle(turn, approval, approval.editedBy ? "edit" : "allow", votes);
    if (command.remember === "run" && grantable(approval)) remember(turn, approval, ref(actor), at);
  }
  turn.result = { state: turn.state.approvals[approval.id]?.state };
  return undefined;
}

/** New arguments are a new version: earlier votes fall, and the editor's counts unless four eyes are asked for. */
function edit(turn: Turn, actor: Actor, approval: Approval, command: Decide, at: string): Refused | undefined {
  if (command.input === undefined) return refuse("invalid", "Say the new arguments with the edit.");
  const input = canonical(command.input);
  if (input === undefined) return refuse("invalid", "The new arguments are not JSON.");
  const digest = argumentsDigest(approval.tool, input, approval.cwd);
  turn.emit({
    type: "approval.edited",
    approval: approval.id,
    version: approval.version + 1,
    input,
    digest,
    by: ref(actor),
  });
  turn.setMain({ edits: { ...turn.main.edits, [approval.id]: input } });
  const edited = turn.state.approvals[approval.id];
  turn.result = { state: "pending", version: approval.version + 1, digest };
  if (!edited || turn.state.config?.fourEyes) return undefined;
  const vote: Vote = { by: ref(actor), decision: "edit", at, note: command.note };
  turn.emit({ type: "approval.voted", approval: approval.id, vote });
  if (edited.need <= 1) settle(turn, edited, "edit", [vote]);
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

function settle(
  turn: Turn,
  approval: Approval,
  decision: "allow" | "deny" | "edit" | "expired" | "superseded",
  votes: Vote[],
): void {
  const { [approval.id]: input, ...edits } = turn.main.edits;
  if (input !== undefined) turn.setMain({ edits });
  turn.emit({ type: "approval.decided", approval: approval.id, decision, by: votes });
  turn.say("agent", approval.agent, {
    kind: "approval.decided",
    approval: approval.id,
    run: approval.run,
    call: approval.call,
    digest: approval.digest,
    decision,
    input,
    by: votes,
  });
  const last = votes.at(-1);
  const words = decision === "deny" ? "denied" : decision === "edit" ? "changed and allowed" : "allowed";
  const where = { agent: approval.agent, run: approval.run };
  if (decision === "expired" || decision === "superseded" || !last) {
    turn.activity(
      { id: "system", name: "Atrium", kind: "system" },
      `closed an ask of ${approval.agentName}: ${approval.tool}, ${decision}`,
      where,
    );
  } else
    turn.activity(last.by, `${words} ${describeCall(approval.tool, inlineText(approval.input))} in ${approval.runTitle}`, where);
}

function alreadyDecided(turn: Turn, approval: Approval, actor: Actor, command: Decide): Refused | undefined {
  const mine = approval.votes.find((vote) => vote.by.id === actor.id);
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

function remember(turn: Turn, approval: Approval, by: ActorRef, at: string): void {
  const granted = turn.main.grants[approval.run] ?? [];
  turn.setMain({ grants: { ...turn.main.grants, [approval.run]: [...granted, { tool: approval.tool, by, at }] } });
}

export function claim(turn: Turn, actor: Actor, id: string, take: boolean): Refused | undefined {
  const approval = turn.state.approvals[id];
  if (approval?.state !== "pending") return refuse("conflict", "This ask is closed already.");
  if (take) turn.emit({ type: "approval.claimed", approval: id, by: ref(actor) });
  else if (approval.claim) turn.emit({ type: "approval.released", approval: id, by: ref(actor) });
  return undefined;
}

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
  const { [run]: _grants, ...grants } = turn.main.grants;
  const { [run]: _fence, ...dead } = turn.main.dead;
  if (run in turn.main.grants || run in turn.main.dead) turn.setMain({ grants, dead });
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
