import type { RunState, RunView } from "../../../party/protocol/agent.ts";
import { assertNever } from "../../../party/protocol/assert.ts";
import type { Outcome } from "../../../party/protocol/run-events.ts";
import type { StatusKind } from "../../components/status.tsx";

/** How a run ended: glyph and words. */
export function outcomeStatus(outcome: Outcome): { kind: StatusKind; word: string } {
  switch (outcome) {
    case "done":
      return { kind: "done", word: "Finished" };
    case "aborted":
      return { kind: "idle", word: "Stopped" };
    case "failed":
      return { kind: "fail", word: "Failed" };
    case "budget":
      return { kind: "wait", word: "Stopped at its budget" };
    case "limit":
      return { kind: "wait", word: "Stopped at a limit" };
    case "declined":
      return { kind: "fail", word: "The model declined" };
    case "interrupted":
      return { kind: "fail", word: "Interrupted" };
    default:
      return assertNever(outcome);
  }
}

function stateStatus(state: Exclude<RunState, "ended">): { kind: StatusKind; word: string } {
  switch (state) {
    case "queued":
      return { kind: "queue", word: "Queued" };
    case "running":
      return { kind: "live", word: "Working" };
    case "waiting":
      return { kind: "wait", word: "Waiting" };
    case "retrying":
      return { kind: "wait", word: "Trying again" };
    case "paused":
      return { kind: "pause", word: "Paused" };
    case "compacting":
      return { kind: "live", word: "Tidying its memory" };
    default:
      return assertNever(state);
  }
}

/** Where a run stands: glyph and word. */
export function runStatus(run: Pick<RunView, "state" | "outcome">): { kind: StatusKind; word: string } {
  return run.state === "ended" ? outcomeStatus(run.outcome ?? "aborted") : stateStatus(run.state);
}
