/** The end of what a run was doing when a person or a limit stopped it. Pure. */
import { assertNever } from "../../../party/protocol/assert.ts";
import { LIMITS } from "../../../party/protocol/limits.ts";
import type { LetGo, Release } from "../../runtimes/contract.ts";
import type { Narrator, Told } from "./narrator.ts";
import { type CallState, type LoopState, openCalls } from "./state.ts";
import type { Ending } from "./step.ts";

export type Halted = { told: Told[]; release: Release; letGo: LetGo };

/**
 * What the room is told when a run was halted and nothing of it runs any more: how each open call ended, and then that it
 * waits for a follow-up (interrupt) or that it ended (cancel, limit).
 * @param ms running time of all attempts
 */
export function halted(state: LoopState, narrator: Narrator, turn: number, ms: number): Halted {
  const { halt } = state;
  if (!halt) throw new Error("nothing was halted");
  const calls = openCalls(state).map(({ block, standing }) => endCall(block.call, standing, narrator, turn));
  switch (halt.kind) {
    case "interrupt": {
      const why = `Stopped by ${halt.by}, waiting for a follow-up`;
      const stopped = narrator.tell([{ type: "run.state", state: "waiting", why }], [{ kind: "stopped", by: halt.by }]);
      return { told: [...calls, stopped], release: "wait", letGo: "waiting" };
    }
    case "cancel":
      return end(state, narrator, calls, { outcome: "aborted", by: halt.by }, ms);
    case "limit": {
      const limit = narrator.tell([{ type: "limit", kind: "time", used: Math.round(ms), cap: LIMITS.runMs }]);
      return end(state, narrator, [...calls, limit], { outcome: "limit", error: TOO_LONG }, ms);
    }
    default:
      return assertNever(halt);
  }
}

function end(state: LoopState, narrator: Narrator, before: Told[], ending: Ending, ms: number): Halted {
  return { told: [...before, narrator.finished(ending, state.entries, ms)], release: "end", letGo: "ended" };
}

const TOO_LONG: Ending["error"] = {
  code: "time",
  message: `The run reached its limit of ${LIMITS.runMs / 3_600_000} hours of running time.`,
  retryable: false,
  whatToDo: "Start a run that goes on from here, or split the work.",
};

/** A call the room never heard of needs only a word to the model. */
function endCall(call: string, standing: CallState, narrator: Narrator, turn: number): Told {
  const ended = (text: string, effect: "none" | "unknown"): Told =>
    narrator.ended(call, { ok: false, text, effect, ms: 0, files: [] }, turn);
  switch (standing.kind) {
    case "new":
      return narrator.tell([], [{ kind: "result", call, ok: false, text: "The run was stopped before this was done." }]);
    case "asked":
    case "decided":
      return ended("The run was stopped before this was done.", "none");
    case "lost":
    case "running":
      return ended("The run was stopped while this ran. Whether it had an effect is unknown.", "unknown");
    default:
      return assertNever(standing);
  }
}
