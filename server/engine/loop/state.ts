/**
 * Where a run of the native loop stands. Everything durable is in the journal and in what the room says of calls and
 * questions; the rest lasts no longer than this process. Pure: each function returns a new state.
 */
import { assertNever } from "../../../party/protocol/assert.ts";
import type { ActorRef } from "../../../party/protocol/common.ts";
import type { CallStanding } from "../../../party/protocol/internal.ts";
import type { ToolCallBlock } from "../../models/model.ts";
import type { Answered, Claimed, Decided, Steer } from "../../runtimes/contract.ts";
import { type AssistantEntry, callsOf, type Entry } from "./journal.ts";

/** How a call without a result stands. A call that is in no map is `new`: the room has not heard of it. */
export type CallState =
  | { kind: "new" }
  /** called by an attempt that was lost before it said how it ended */
  | { kind: "lost" }
  /** waits for people */
  | { kind: "asked" }
  | { kind: "decided"; decided: Decided }
  /** runs in this process */
  | { kind: "running" };

/** Why the run must stop what it does. */
export type Halt = { kind: "interrupt"; by: string } | { kind: "cancel"; by: ActorRef } | { kind: "limit" };

export type LoopState = {
  entries: readonly Entry[];
  calls: ReadonlyMap<string, CallState>;
  /** answers by question; a question of the model has the id of its call */
  answers: ReadonlyMap<string, Answered>;
  questions: ReadonlySet<string>;
  /** said by people and not yet told to the model, oldest first */
  steers: readonly Steer[];
  /** every steer this process knows: the room repeats them after a reconnect */
  heard: ReadonlySet<string>;
  halt: Halt | undefined;
  /** `run.started` or `running` was said in this process */
  begun: boolean;
  /** attempt of this claim, from 1 */
  attempt: number;
  /** tries of the current turn that were followed by their back-off in this process */
  rested: number;
  /** ids of the models lent to this claim, the best first */
  models: readonly string[];
};

/** The state at a claim: a fold of the journal and of what the room says. */
export function restore(claimed: Claimed, entries: readonly Entry[], models: readonly string[]): LoopState {
  const calls = new Map<string, CallState>();
  for (const standing of claimed.calls) if (!standing.ended) calls.set(standing.call, callState(standing));
  const answers = new Map<string, Answered>();
  for (const { id, answer } of claimed.questions) if (answer) answers.set(id, { question: id, ...answer });
  const state: LoopState = {
    entries,
    calls,
    answers,
    questions: new Set(claimed.questions.map((question) => question.id)),
    steers: claimed.steers,
    heard: new Set(claimed.steers.map((steer) => steer.id)),
    halt: undefined,
    begun: false,
    attempt: Math.max(1, claimed.run.attempt),
    rested: 0,
    models,
  };
  return claimed.interrupted && !isStopped(state) ? { ...state, halt: { kind: "interrupt", by: "a person" } } : state;
}

function callState(standing: CallStanding): CallState {
  switch (standing.policy) {
    case "auto":
    case "deny":
      return { kind: "lost" };
    case "ask": {
      const approval = standing.approval;
      if (!approval?.decision) return { kind: "asked" };
      const { id, decision, ...rest } = approval;
      return { kind: "decided", decided: { call: standing.call, approval: id, decision, ...rest } };
    }
    default:
      return assertNever(standing.policy);
  }
}

/** Adds what was stored. */
export function withEntries(state: LoopState, added: readonly Entry[]): LoopState {
  if (added.length === 0) return state;
  const calls = new Map(state.calls);
  for (const item of added) if (item.kind === "result") calls.delete(item.call);
  const rested = added.some((item) => item.kind === "assistant" || item.kind === "user" || item.kind === "switched")
    ? 0
    : state.rested;
  return { ...state, entries: [...state.entries, ...added], calls, rested };
}

export function withCall(state: LoopState, call: string, standing: CallState): LoopState {
  return { ...state, calls: new Map(state.calls).set(call, standing) };
}

/** A decision counts once and only for a call that waits for one. */
export function withDecision(state: LoopState, decided: Decided): LoopState {
  if (state.calls.get(decided.call)?.kind !== "asked") return state;
  return withCall(state, decided.call, { kind: "decided", decided });
}

export function withQuestion(state: LoopState, question: string): LoopState {
  return { ...state, questions: new Set(state.questions).add(question) };
}

/** The first answer counts. */
export function withAnswer(state: LoopState, answered: Answered): LoopState {
  if (state.answers.has(answered.question)) return state;
  return { ...state, answers: new Map(state.answers).set(answered.question, answered) };
}

/** Hears a steer; one that is known already changes nothing. */
export function withSteer(state: LoopState, steer: Steer): LoopState {
  if (state.heard.has(steer.id)) return state;
  return { ...state, steers: [...state.steers, steer], heard: new Set(state.heard).add(steer.id) };
}

export function withoutSteers(state: LoopState, applied: readonly Steer[]): LoopState {
  const gone = new Set(applied.map((steer) => steer.id));
  return { ...state, steers: state.steers.filter((steer) => !gone.has(steer.id)) };
}

/** A cancel outweighs an interrupt; otherwise the first reason stands. */
export function withHalt(state: LoopState, halt: Halt): LoopState {
  if (state.halt && !(halt.kind === "cancel" && state.halt.kind === "interrupt")) return state;
  return { ...state, halt };
}

/** The last turn of the model. */
export function lastTurn(state: LoopState): AssistantEntry | undefined {
  return state.entries.findLast((item) => item.kind === "assistant");
}

/** Calls of the last turn without a result, in the model's order. */
export function openCalls(state: LoopState): { block: ToolCallBlock; standing: CallState }[] {
  const turn = lastTurn(state);
  if (!turn) return [];
  const ended = new Set(state.entries.flatMap((item) => (item.kind === "result" ? [item.call] : [])));
  return callsOf(turn)
    .filter((block) => !ended.has(block.call))
    .map((block) => ({ block, standing: state.calls.get(block.call) ?? { kind: "new" } }));
}

/** True when a person stopped the run and nobody has said anything since. */
export function isStopped(state: LoopState): boolean {
  return lastSpoken(state)?.kind === "stopped";
}

/** The newest entry that says how the conversation stands. */
export function lastSpoken(state: LoopState): Entry | undefined {
  return state.entries.findLast((item) => item.kind !== "started" && item.kind !== "went_on" && item.kind !== "parked");
}

/** The question of the loop breaker about the last turn, until the run went on. */
export function openPark(state: LoopState): Extract<Entry, { kind: "parked" }> | undefined {
  const last = state.entries.findLast(({ kind }) => kind === "parked" || kind === "went_on" || kind === "assistant");
  return last?.kind === "parked" ? last : undefined;
}

/** Place of the model that answers: the one last switched to, while it is still lent. */
export function currentModel(state: Pick<LoopState, "entries" | "models">): number {
  const switched = state.entries.findLast((item) => item.kind === "switched");
  return Math.max(0, switched ? state.models.indexOf(switched.to) : 0);
}

/** Tries of the turn to come that failed since the last turn or message, all of them with the model that answers now. */
export function failedTries(state: LoopState): Extract<Entry, { kind: "failed" }>[] {
  const tries: Extract<Entry, { kind: "failed" }>[] = [];
  for (const item of state.entries.toReversed()) {
    if (item.kind === "failed") tries.unshift(item);
    else if (item.kind !== "started") break;
  }
  return tries;
}
