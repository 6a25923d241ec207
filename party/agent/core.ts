/** The core of the agent's room: one agent's queue, its runs' state machines, their leases. Pure. */

import type { CoreInput, Decision, RoomCore } from "../lib/core.ts";
import { type Refused, refuse } from "../lib/core.ts";
import type { AgentEvent, AgentState } from "../protocol/agent.ts";
import { EMPTY_AGENT, evolveAgent } from "../protocol/agent-state.ts";
import { agentCommand } from "../protocol/commands.ts";
import type { ActorRef } from "../protocol/common.ts";
import type { RecordChange, RoomMessage, RoomOp } from "../protocol/internal.ts";
import { deleted, edited } from "./edits.ts";
import { renew, takeEvents } from "./feed.ts";
import { followStatus, isOutsider, laneBusy, laneRecord, passOnStatus, passOnStop, refuseInLane } from "./lanes.ts";
import { claim, dispatched, dispatchReady, expire, nextDue, renewAll, runnerGone } from "./leases.ts";
import { cancelRun, stopAll, takeCommand } from "./people.ts";
import { type AgentPrivate, EMPTY_AGENT_PRIVATE, hasOpenAsks, liveRunsOf } from "./private.ts";
import { rememberRefused } from "./taken.ts";
import { Turn } from "./turn.ts";
import { messageOf, takeWake } from "./wakes.ts";

type Sender = Extract<CoreInput, { kind: "message" }>["from"];

export const agentCore: RoomCore<AgentState, AgentPrivate, AgentEvent> = {
  party: "agent",
  empty: EMPTY_AGENT,
  emptyPriv: EMPTY_AGENT_PRIVATE,
  evolve: evolveAgent,
  decide(state, priv, input, context): Decision<AgentEvent, AgentPrivate> {
    const turn = new Turn(state, priv, context);
    const refused = take(turn, input);
    if (refused) return refused;
    passOnStatus(turn, state.status);
    dispatchReady(turn);
    return turn.done();
  },
  due(state, priv) {
    const runs = liveRunsOf(priv);
    // A run that only waits for a slot or for a resume is looked at when one of those changes.
    const held = runs.filter(([, run]) => run.at.kind === "leased" || run.at.kind === "dispatched");
    const blocked = state.status.kind !== "ready" || held.length >= (state.config?.maxConcurrentRuns ?? 1);
    return nextDue(blocked ? held : runs);
  },
  companyOf: (state) => state.config?.company ?? "",
  rightsOf(_state, priv, person) {
    return isOutsider(priv, person) ? { role: null, rights: Number.MAX_SAFE_INTEGER } : undefined;
  },
};

function take(turn: Turn, input: CoreInput): Refused | undefined {
  switch (input.kind) {
    case "command": {
      const command = agentCommand.safeParse(input.command);
      return command.success
        ? (refuseInLane(turn, command.data) ?? takeCommand(turn, input.actor, command.data))
        : refuse("invalid", "An agent's room does not know that command.");
    }
    case "op":
      return takeOp(turn, input.op);
    case "message":
      return takeMessage(turn, input.message, input.from);
    case "feeder":
      if (input.frame.type === "claim") return claim(turn, input.frame);
      if (input.frame.type === "renew") return renew(turn, input.held);
      return takeEvents(turn, input.frame, input.held);
    case "dispatched":
      dispatched(turn, input.run, input.fence, input.runner);
      return undefined;
    case "started":
      renewAll(turn);
      return undefined;
    case "tick":
      expire(turn);
      return undefined;
  }
}

/** Ends one answer, or all that the conversation waits for. */
function stopAnswers(turn: Turn, { run, by }: Extract<RoomMessage, { kind: "answer.stop" }>, from: Sender): void {
  const person: ActorRef = { id: by.id, name: by.name, kind: "person" };
  for (const [id, { subject }] of liveRunsOf(turn.priv)) {
    const ofIt = subject.kind === "session" && subject.id === from.room;
    if (run === undefined ? ofIt : id === run) cancelRun(turn, person, id);
  }
}

function takeOp(turn: Turn, op: Exclude<RoomOp, { op: "command" }>): Refused | undefined {
  switch (op.op) {
    case "wake":
      return takeWake(turn, op.wake);
    case "runner.gone":
      runnerGone(turn, op.runner);
      return undefined;
    case "record":
      return takeRecord(turn, op.change);
    case "approval.execute":
    case "approval.executed":
      return refuse("invalid", "Approvals live in the company's room.");
  }
}

function takeRecord(turn: Turn, change: RecordChange): Refused | undefined {
  switch (change.kind) {
    case "agent": {
      const { instructions, ...config } = change.config;
      turn.emit({ type: "agent.configured", config });
      turn.setInstructions(instructions);
      if (config.retired)
        for (const [id] of liveRunsOf(turn.priv)) cancelRun(turn, { id: "system", name: "Atrium", kind: "system" }, id);
      return undefined;
    }
    case "lane":
      laneRecord(turn, change);
      return undefined;
    case "session.revoked":
      turn.close({ kind: "session", session: change.session });
      return undefined;
    case "purge":
      turn.close({ kind: "all" });
      turn.purge = true;
      return undefined;
    default:
      return undefined;
  }
}

function takeMessage(turn: Turn, message: RoomMessage, from: Sender): Refused | undefined {
  switch (message.kind) {
    case "wake": {
      const refused = takeWake(turn, message.wake);
      const { subject } = message.wake;
      if (!refused || refused.retryable || subject.kind !== "session") return refused;
      rememberRefused(turn, message.wake.key);
      // The conversation learns why nobody answers.
      const { config } = turn.state;
      turn.say("session", subject.id, {
        kind: "answer.ended",
        run: message.wake.key,
        agent: turn.agent,
        agentName: config?.name ?? "",
        message: messageOf(message.wake),
        outcome: refused.code,
        note: refused.message,
      });
      return undefined;
    }
    case "approval.decided":
      decided(turn, message);
      return undefined;
    case "question.answered": {
      const run = turn.run(message.run);
      if (!run?.questions.some((question) => question.id === message.question && !question.answer)) return undefined;
      const answer = { by: message.by, value: message.value };
      const questions = run.questions.map((question) => (question.id === message.question ? { ...question, answer } : question));
      turn.setRun(message.run, { ...run, questions });
      turn.emitRun(message.run, { type: "question.answered", question: message.question, by: message.by, value: message.value });
      turn.tell(message.run, { type: "answered", question: message.question, by: message.by, value: message.value });
      goOn(turn, message.run, "a person");
      return undefined;
    }
    case "message.edited":
      edited(turn, from.room, message);
      return undefined;
    case "message.deleted":
      deleted(turn, message);
      return undefined;
    case "answer.stop":
      stopAnswers(turn, message, from);
      return undefined;
    case "stop":
      stopAll(turn, message.by);
      passOnStop(turn, message.by);
      return undefined;
    case "lane.status":
      followStatus(turn, message);
      return undefined;
    case "lane.busy":
      laneBusy(turn, message);
      return undefined;
    case "rights":
      if (message.role === null) turn.close({ kind: "person", person: message.person });
      else turn.roles = [{ person: message.person, role: message.role, rights: message.rights }];
      return undefined;
    case "session.revoked":
      turn.close({ kind: "session", session: message.session });
      return undefined;
    default:
      return undefined;
  }
}

function decided(turn: Turn, message: Extract<RoomMessage, { kind: "approval.decided" }>): void {
  const run = turn.run(message.run);
  const open = run?.calls.find((call) => call.call === message.call);
  if (!run || open?.approval?.id !== message.approval || open.approval.decision !== undefined) return;
  const note = message.by.findLast((vote) => vote.note)?.note;
  const by = message.by.map((vote) => ({ name: vote.by.name }));
  const approval = { ...open.approval, digest: message.digest, decision: message.decision, input: message.input, by, note };
  const calls = run.calls.map((call) => (call.call === message.call ? { ...call, approval } : call));
  turn.setRun(message.run, { ...run, calls });
  turn.emitRun(message.run, {
    type: "approval.decided",
    approval: message.approval,
    call: message.call,
    decision: message.decision,
    by: message.by,
  });
  turn.tell(message.run, {
    type: "decided",
    call: message.call,
    approval: message.approval,
    digest: message.digest,
    decision: message.decision,
    input: message.input,
    by,
    note,
  });
  const person = message.decision !== "expired" && message.decision !== "superseded";
  goOn(turn, message.run, person ? "a person" : "the clock");
}

/** A parked run goes on once nothing of it is open; one that was interrupted, only by a person's word. */
function goOn(turn: Turn, id: string, by: "a person" | "the clock"): void {
  const run = turn.run(id);
  const parked = run?.at.kind === "waiting" || (run?.at.kind === "interrupted" && by === "a person");
  if (run && parked && !hasOpenAsks(run)) turn.setRun(id, { ...run, at: { kind: "ready", notBefore: turn.now } });
}
