/** What the room is told of one call, and what is to be run when it has stored that. Pure. */
import { assertNever } from "../../../party/protocol/assert.ts";
import type { Answered } from "../../runtimes/contract.ts";
import type { DueCall } from "./effects.ts";
import type { Narrator, Told } from "./narrator.ts";
import type { CallState } from "./state.ts";
import type { CallAction } from "./step.ts";

/** Told to the model where an attempt was lost between the beginning of a call and its end. */
const OUTCOME_UNKNOWN =
  "Atrium was interrupted while this ran. Whether it had an effect is unknown: check before doing it again.";

export type Taken = {
  told?: Told;
  due?: DueCall;
  /** how the call stands from now on */
  standing?: CallState;
  /** a question that is now asked */
  question?: string;
};

export type Means = { narrator: Narrator; turn: number; approval(): string; wallMs: number };

/** Takes up one action. */
export function take(action: CallAction, { narrator, turn, approval, wallMs }: Means): Taken {
  const { block } = action;
  const { call } = block;
  switch (action.do) {
    case "refuse":
      return { told: narrator.refused(block, action.plan, turn) };
    case "decline_question":
      return { told: narrator.tell([], [{ kind: "result", call, ok: false, text: action.why }]) };
    case "ask_person":
      return { told: narrator.question(call, action.question, action.options, [], turn), question: call };
    case "take_answer": {
      return { told: narrator.tell([], [{ kind: "result", call, ok: true, text: answerWords(action.answered) }]) };
    }
    case "run": {
      const { tool } = action;
      return { told: narrator.called(block, tool, "auto", turn), due: { block, tool, turn }, standing: { kind: "running" } };
    }
    case "ask":
      return { told: narrator.asked(block, action.tool, approval(), wallMs, turn), standing: { kind: "asked" } };
    case "run_again":
      return { due: { block, tool: action.tool, turn }, standing: { kind: "running" } };
    case "run_allowed":
      return { due: { block, tool: action.tool, decided: action.decided, turn }, standing: { kind: "running" } };
    case "give_up":
      return { told: narrator.ended(call, notRun(OUTCOME_UNKNOWN, "unknown"), turn) };
    case "turn_down":
      return { told: narrator.ended(call, notRun(action.why, "none"), turn) };
    default:
      return assertNever(action);
  }
}

/** A person's answer as the model reads it. */
export function answerWords({ by, value }: Answered): string {
  return `${by.name} answered: ${value}`;
}

function notRun(text: string, effect: "none" | "unknown") {
  return { ok: false, text, effect, ms: 0, files: [] };
}
