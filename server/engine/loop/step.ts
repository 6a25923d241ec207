/** What a run of the native loop does next: a pure function of its state. The driver carries it out and asks again. */
import { assertNever } from "../../../party/protocol/assert.ts";
import type { ActorRef } from "../../../party/protocol/common.ts";
import { LIMITS } from "../../../party/protocol/limits.ts";
import type { Outcome } from "../../../party/protocol/run-events.ts";
import { mayBeAnsweredElsewhere } from "../../models/failures.ts";
import { ASK_PERSON, type ModelFailure, type ToolCallBlock } from "../../models/model.ts";
import type { Answered, Decided, Steer } from "../../runtimes/contract.ts";
import { callsOf, turnsOf } from "./journal.ts";
import { type CallPlan, type Runnable, shownInput } from "./plan.ts";
import { type CallState, currentModel, failedTries, type LoopState, lastSpoken, openCalls, openPark } from "./state.ts";

/** Tries of one turn before the run fails. */
export const MAX_TRIES = 3;
/** ms before the second and the third try: a busy provider is given time, a person is not kept waiting long */
const BACK_OFF_MS = [1_000, 4_000] as const;
/** Tries of one turn with a model that another one can stand in for. */
const TRIES_BEFORE_SWITCH = 2;
/** ms a provider may ask to be left alone before nobody waits for it: people do other things meanwhile */
const PATIENCE_MS = 60_000;

/** Answers the loop breaker offers. */
export const PARK_OPTIONS = { go: "Go on", stop: "Stop" } as const;

/** What is to be done with one call. */
export type CallAction = { block: ToolCallBlock } & (
  | { do: "refuse"; plan: Extract<CallPlan, { kind: "refuse" }> }
  /** a question that is no question: the model is told, nobody is asked */
  | { do: "decline_question"; why: string }
  | { do: "ask_person"; question: string; options: string[] }
  | { do: "take_answer"; answered: Answered }
  /** tell the room, then run it */
  | { do: "run"; tool: Runnable }
  /** tell the room and open an approval */
  | { do: "ask"; tool: Runnable }
  /** run again what may or may not have run: it is repeatable */
  | { do: "run_again"; tool: Runnable }
  /** end it as unknown */
  | { do: "give_up" }
  /** a person allowed it: claim the right, then run it */
  | { do: "run_allowed"; tool: Runnable; decided: Decided }
  | { do: "turn_down"; why: string }
);

export type Ending = { outcome: Outcome; error?: ModelFailure; by?: ActorRef };

export type Step =
  /** say that the run goes on, and hear the prompts when it is new */
  | { step: "begin" }
  | { step: "calls"; actions: CallAction[] }
  /** something runs; nothing can be done before it reports */
  | { step: "hold" }
  /** let go of the run until people have spoken */
  | { step: "wait"; why: string }
  | { step: "hear"; steers: readonly Steer[] }
  | { step: "model"; turn: number }
  | { step: "rest"; failure: ModelFailure; tries: number; delayMs: number }
  /** another model goes on; places in the list of those lent */
  | { step: "switch"; failure: ModelFailure; from: number; to: number }
  /** the same call over and over: ask whether to go on */
  | { step: "park"; name: string; times: number; calls: number }
  | { step: "unpark" }
  | { step: "halt" }
  | { step: "end"; ending: Ending };

/**
 * The next step.
 * @param plan what the policy and the tools say of a call
 */
export function nextStep(state: LoopState, plan: (block: ToolCallBlock) => CallPlan): Step {
  const step = goOn(state, plan);
  if (state.begun) return step;
  // A run that was woken for nothing goes back to waiting without a word; a new attempt is always announced.
  const announced = state.entries.findLast((item) => item.kind === "started")?.attempt ?? 0;
  return step.step === "wait" && announced === state.attempt ? step : { step: "begin" };
}

function goOn(state: LoopState, plan: (block: ToolCallBlock) => CallPlan): Step {
  const open = openCalls(state);
  if (state.halt) return open.some(({ standing }) => standing.kind === "running") ? { step: "hold" } : { step: "halt" };
  if (open.length === 0) return nextTurn(state);

  const breaker = breakLoop(state, open);
  if (breaker) return breaker;

  const actions = actionsFor(state, open, plan);
  if (actions.length > 0) return { step: "calls", actions };
  if (open.some(({ standing }) => standing.kind === "running")) return { step: "hold" };
  return { step: "wait", why: whyWaiting(open) };
}

/** With no call open: hear what people said, end, or call the model. */
function nextTurn(state: LoopState): Step {
  const last = lastSpoken(state);
  if (!last) return { step: "model", turn: 1 };
  if (last.kind === "stopped" && state.steers.length === 0) {
    return { step: "wait", why: `Stopped by ${last.by}, waiting for a follow-up` };
  }
  if (last.kind === "failed" && state.rested < failedTries(state).length) return afterFailure(state, last.failure);
  if (state.steers.length > 0) return { step: "hear", steers: state.steers };
  if (last.kind === "assistant") {
    switch (last.stop) {
      case "end":
        return { step: "end", ending: { outcome: "done" } };
      case "refusal":
        return { step: "end", ending: { outcome: "declined" } };
      case "length":
        return { step: "end", ending: { outcome: "limit", error: CUT_SHORT } };
      case "tools":
      case "pause":
      case "aborted":
        break;
      default:
        return assertNever(last.stop);
    }
  }
  const turns = turnsOf(state.entries);
  if (turns >= LIMITS.runTurns) return { step: "end", ending: { outcome: "limit", error: TOO_MANY_TURNS } };
  return { step: "model", turn: turns + 1 };
}

const CUT_SHORT: ModelFailure = {
  code: "length",
  message: "The model's answer was cut at its longest length.",
  retryable: false,
  whatToDo: "Ask for the rest, or for something shorter.",
};

const TOO_MANY_TURNS: ModelFailure = {
  code: "turns",
  message: `The run reached its limit of ${LIMITS.runTurns} turns.`,
  retryable: false,
  whatToDo: "Start a run that goes on from here, or split the work.",
};

function afterFailure(state: LoopState, failure: ModelFailure): Step {
  const tries = failedTries(state).length;
  const backOff = BACK_OFF_MS[tries - 1];
  const isTooLong = (failure.retryAfterMs ?? 0) > PATIENCE_MS;
  const from = currentModel(state);
  const hasStandIn = from + 1 < state.models.length && mayBeAnsweredElsewhere(failure);
  if (hasStandIn && (tries >= TRIES_BEFORE_SWITCH || isTooLong || !failure.retryable)) {
    return { step: "switch", failure, from, to: from + 1 };
  }
  if (!failure.retryable || isTooLong || backOff === undefined) {
    return { step: "end", ending: { outcome: "failed", error: lastFailure(failure) } };
  }
  return { step: "rest", failure, tries, delayMs: Math.max(backOff, failure.retryAfterMs ?? 0) };
}

/** A failure that ends the run, with when to try again where the provider said it. */
function lastFailure({ retryAfterMs, ...failure }: ModelFailure): ModelFailure {
  if (retryAfterMs === undefined || retryAfterMs <= PATIENCE_MS) return failure;
  return { ...failure, message: `${failure.message} It wants to be left alone for ${waitText(retryAfterMs)}.` };
}

function waitText(ms: number): string {
  const minutes = Math.ceil(ms / 60_000);
  return minutes < 120 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}

type OpenCall = { block: ToolCallBlock; standing: CallState };

/** Everything that can be done now; automatic calls as far as `LIMITS.runParallelTools` leaves room. */
function actionsFor(state: LoopState, open: OpenCall[], plan: (block: ToolCallBlock) => CallPlan): CallAction[] {
  let free = LIMITS.runParallelTools - open.filter(({ standing }) => standing.kind === "running").length;
  const actions: CallAction[] = [];
  for (const { block, standing } of open) {
    const action = actionFor(state, block, standing, plan);
    if (!action) continue;
    const runs = action.do === "run" || action.do === "run_again" || action.do === "run_allowed";
    if (runs && free-- <= 0) continue;
    actions.push(action);
  }
  return actions;
}

function actionFor(
  state: LoopState,
  block: ToolCallBlock,
  standing: CallState,
  plan: (block: ToolCallBlock) => CallPlan,
): CallAction | undefined {
  switch (standing.kind) {
    case "new": {
      const planned = plan(block);
      switch (planned.kind) {
        case "refuse":
          return { block, do: "refuse", plan: planned };
        case "bad_question":
          return { block, do: "decline_question", why: planned.why };
        case "question": {
          const answered = state.answers.get(block.call);
          if (answered) return { block, do: "take_answer", answered };
          if (state.questions.has(block.call)) return undefined;
          return { block, do: "ask_person", question: planned.question, options: planned.options };
        }
        case "run":
          return { block, do: planned.policy === "auto" ? "run" : "ask", tool: planned.tool };
        default:
          return assertNever(planned);
      }
    }
    case "lost": {
      const planned = plan(block);
      if (planned.kind === "run" && planned.tool.repeatable) return { block, do: "run_again", tool: planned.tool };
      return { block, do: "give_up" };
    }
    case "decided":
      return afterDecision(block, standing.decided, plan);
    case "asked":
    case "running":
      return undefined;
    default:
      return assertNever(standing);
  }
}

function afterDecision(block: ToolCallBlock, decided: Decided, plan: (block: ToolCallBlock) => CallPlan): CallAction {
  const who = namesOf(decided);
  const note = decided.note ? `: ${decided.note}` : ".";
  switch (decided.decision) {
    case "allow":
    case "edit": {
      const input = decided.decision === "edit" ? (decided.input ?? block.input) : block.input;
      const planned = plan({ ...block, input });
      if (planned.kind === "run") return { block, do: "run_allowed", tool: planned.tool, decided };
      const why = planned.kind === "refuse" ? planned.why : "It is no longer a tool of this agent.";
      return { block, do: "turn_down", why: `${who} allowed this, but it cannot run. ${why}` };
    }
    case "deny":
      return { block, do: "turn_down", why: `${who} denied this${note}` };
    case "expired":
      return { block, do: "turn_down", why: "Nobody decided in time, so this was not done." };
    case "superseded":
      return { block, do: "turn_down", why: `This was withdrawn and not done${note}` };
    default:
      return assertNever(decided.decision);
  }
}

/** The people who decided, as a sentence begins: "Ana", "Ana and Bo". */
export function namesOf(decided: Decided): string {
  const names = decided.by.map((person) => person.name);
  const last = names.pop();
  if (last === undefined) return "A person";
  return names.length === 0 ? last : `${names.join(", ")} and ${last}`;
}

function whyWaiting(open: OpenCall[]): string {
  const asked = open.filter(({ standing }) => standing.kind === "asked").length;
  const questions = open.filter(({ block }) => block.name === ASK_PERSON).length;
  const decisions = asked === 1 ? "a decision" : asked > 1 ? `${asked} decisions` : "";
  const answers = questions === 1 ? "an answer" : questions > 1 ? `${questions} answers` : "";
  return `Waiting for ${[decisions, answers].filter(Boolean).join(" and ")}`;
}

/** Parks a run whose model makes the same call `LIMITS.loopCalls` times in a row, before the last of them is carried out. */
function breakLoop(state: LoopState, open: OpenCall[]): Step | undefined {
  const parked = openPark(state);
  if (parked) {
    const answered = state.answers.get(parked.question);
    if (!answered) return { step: "wait", why: "Waiting for someone to say whether to go on" };
    return isStop(answered) ? { step: "end", ending: { outcome: "aborted", by: answered.by } } : { step: "unpark" };
  }
  if (!open.some(({ standing }) => standing.kind === "new")) return undefined;
  const calls = state.entries.flatMap((item) => (item.kind === "assistant" ? callsOf(item) : []));
  const since = state.entries.findLast((item) => item.kind === "parked")?.calls ?? 0;
  let times = 0;
  let previous = "";
  for (const call of calls.slice(since)) {
    const same = `${call.name} ${shownInput(call.input)}`;
    times = same === previous ? times + 1 : 1;
    previous = same;
    if (times >= LIMITS.loopCalls) return { step: "park", name: call.name, times, calls: calls.length };
  }
  return undefined;
}

function isStop(answered: Answered): boolean {
  return answered.value.trim().toLowerCase() === PARK_OPTIONS.stop.toLowerCase();
}
