/** The last words about what a run was doing when a person, a limit or a defect stopped it. Pure. */
import { assertNever } from "../../../party/protocol/assert.ts";
import { LIMITS } from "../../../party/protocol/limits.ts";
import { FrameRefused, type LetGo, type Release } from "../../runtimes/contract.ts";
import { oneLine } from "../fit.ts";
import { closing } from "./closing.ts";
import type { Narrator, Told } from "./narrator.ts";
import type { LoopState } from "./state.ts";
import type { Ending } from "./step.ts";
import type { OpenEnds } from "./watched-room.ts";

export type Halted = { told: Told[]; release: Release; letGo: LetGo };

/**
 * What the room is told when a run was halted and nothing of it runs any more: how what was open ended, and then that it
 * waits for a follow-up (interrupt) or that it ended (cancel, limit).
 * @param ms running time of all attempts
 */
export function halted(state: LoopState, open: OpenEnds, narrator: Narrator, turn: number, ms: number): Halted {
  const { halt } = state;
  if (!halt) throw new Error("nothing was halted");
  const closed = closing(open, state, narrator, turn);
  const last = (ending: Ending): Halted => ({
    told: [...closed, narrator.finished(ending, state.entries, ms)],
    release: "end",
    letGo: "ended",
  });
  switch (halt.kind) {
    case "interrupt": {
      const why = `Stopped by ${halt.by}, waiting for a follow-up`;
      const stopped = narrator.tell([{ type: "run.state", state: "waiting", why }], [{ kind: "stopped", by: halt.by }]);
      return { told: [...closed, stopped], release: "wait", letGo: "waiting" };
    }
    case "cancel":
      return last({ outcome: "aborted", by: halt.by });
    case "limit": {
      closed.push(narrator.tell([{ type: "limit", kind: "time", used: Math.round(ms), cap: LIMITS.runMs }]));
      return last({ outcome: "limit", error: TOO_LONG });
    }
    default:
      return assertNever(halt);
  }
}

const TOO_LONG: Ending["error"] = {
  code: "time",
  message: `The run reached its limit of ${LIMITS.runMs / 3_600_000} hours of running time.`,
  retryable: false,
  whatToDo: "Start a run that goes on from here, or split the work.",
};

/** The end of a run that a defect of ours stopped: it says so instead of leaving the run hanging. */
export function brokenEnding(error: unknown): Ending {
  const code = error instanceof FrameRefused ? error.code : "engine";
  const why = error instanceof Error ? error.message : String(error);
  return {
    outcome: "failed",
    error: {
      code: code.slice(0, 64),
      message: oneLine(`The run could not go on because of an error in Atrium: ${why}`, 1_000),
      retryable: true,
      whatToDo: "Try again. If it happens again, tell the operator of this Atrium and name the run.",
    },
  };
}
