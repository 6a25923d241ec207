/** How what a run has open ends with it. Pure. */
import { assertNever } from "../../../party/protocol/assert.ts";
import type { ToolCallBlock } from "../../models/model.ts";
import { answerWords } from "./announce.ts";
import type { CallEnd, Narrator, Told } from "./narrator.ts";
import { type CallState, type LoopState, openCalls } from "./state.ts";
import type { OpenEnds } from "./watched-room.ts";

const NOTHING = { ok: false, ms: 0, files: [] };
const BEFORE: CallEnd = { ...NOTHING, text: "The run was stopped before this was done.", effect: "none" };
const MIDWAY: CallEnd = {
  ...NOTHING,
  text: "The run was stopped while this ran. Whether it had an effect is unknown.",
  effect: "unknown",
};

/**
 * What the room is told when a run stops or ends with something open, so that nobody waits for it any more: blocks are void,
 * what had begun is unknown, and what waited for people is not done. The model hears how each of its calls ended.
 */
export function closing(open: OpenEnds, state: LoopState, narrator: Narrator, turn: number): Told[] {
  const told = open.blocks.length > 0 ? [narrator.voided(open.blocks)] : [];
  const inTurn = new Set<string>();
  for (const { block, standing } of openCalls(state)) {
    inTurn.add(block.call);
    told.push(closingCall(block, standing));
  }
  for (const call of open.calls) if (!inTurn.has(call)) told.push(narrator.ended(call, MIDWAY, turn));
  for (const question of open.questions) {
    if (!inTurn.has(question) && !state.answers.has(question)) told.push(narrator.withdrawn(question, BEFORE, turn));
  }
  return told;

  function closingCall({ call }: ToolCallBlock, standing: CallState): Told {
    const answered = state.answers.get(call);
    if (answered) return narrator.tell([], [{ kind: "result", call, ok: true, text: answerWords(answered) }]);
    // Of a call it never heard of, the room is told nothing.
    const isKnown = open.calls.has(call) || open.questions.has(call);
    if (!isKnown) return narrator.tell([], [{ kind: "result", call, ok: false, text: BEFORE.text }]);
    switch (standing.kind) {
      case "new":
      case "asked":
      case "decided":
        return narrator.ended(call, BEFORE, turn);
      case "lost":
      case "running":
        return narrator.ended(call, MIDWAY, turn);
      default:
        return assertNever(standing);
    }
  }
}
