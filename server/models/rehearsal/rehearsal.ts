/**
 * The rehearsal model: follows the script found in the prompt or in a skill it names, needs no key, costs nothing and says what it is. It drives
 * real tools, real approvals and real streaming, so a fresh machine can do the main job and tests can be exact.
 */
import { setTimeout as pause } from "node:timers/promises";
import { NO_USAGE } from "../../../party/protocol/usage.ts";
import { modelFailure } from "../failures.ts";
import { ASK_PERSON, type Model, type ModelDelta, type ModelRequest } from "../model.ts";
import { nextTurn } from "./player.ts";
import { cutInto, type Pace, type Play, type PlayedTurn } from "./script.ts";

/** The name shown wherever a model is named. */
export const REHEARSAL = "rehearsal";

/** A rehearsal model; it holds no state. */
export function createRehearsal(): Model {
  return { name: REHEARSAL, id: REHEARSAL, stream };
}

async function* stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelDelta> {
  const { turn, last } = nextTurn(request);
  // First, so that a turn that is stopped or fails has reported it too.
  yield usageOf(turn);
  for (const [index, play] of turn.plays.entries()) {
    if (play.kind === "fail") {
      yield { type: "error", failure: modelFailure(play.code, `The rehearsal script asked for the failure “${play.code}”.`) };
      return;
    }
    yield* streamBlock(index, play, signal);
    if (signal.aborted) return;
  }
  const calls = turn.plays.some((play) => play.kind === "tool" || play.kind === "ask");
  yield { type: "stop", stop: calls ? "tools" : last ? "end" : "pause" };
}

type Block = Exclude<Play, { kind: "fail" }>;

async function* streamBlock(index: number, play: Block, signal: AbortSignal): AsyncGenerator<ModelDelta> {
  if ("text" in play) {
    yield { type: "block.start", index, kind: play.kind === "say" ? "text" : "thinking" };
    yield* streamText(index, play.text, play.pace, signal);
  } else {
    const call = play.kind === "ask" ? { name: ASK_PERSON, input: JSON.stringify({ question: play.question }) } : play;
    yield { type: "block.start", index, kind: "tool_call", name: call.name };
    yield { type: "block.delta", index, text: call.input };
  }
  if (!signal.aborted) yield { type: "block.end", index };
}

async function* streamText(index: number, text: string, pace: Pace | undefined, signal: AbortSignal): AsyncGenerator<ModelDelta> {
  for (const [n, piece] of cutInto(text, pace?.chunks ?? 1).entries()) {
    if (n > 0 && pace && pace.ms > 0) await pause(pace.ms, undefined, { signal }).catch(ignoreAbort);
    if (signal.aborted) return;
    if (piece) yield { type: "block.delta", index, text: piece };
  }
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error) || error.name !== "AbortError") throw error;
}

/** A rehearsal uses no tokens and costs nothing, unless the script reports some for a test of budgets. */
function usageOf(turn: PlayedTurn): ModelDelta {
  const usage = turn.usage ? { ...NO_USAGE, ...turn.usage } : NO_USAGE;
  return { type: "usage", usage, cost: 0, basis: "reported" };
}
