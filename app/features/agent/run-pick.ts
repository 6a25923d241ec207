import type { AgentState, RunView } from "../../../party/protocol/agent.ts";
import { liveRuns } from "../../../party/protocol/agent-state.ts";

/** The run an agent's room opens with: the one that works, else the next in line, else the newest that ended. */
export function currentRun(state: AgentState): RunView | undefined {
  const open = liveRuns(state);
  const newestEnded = state.ended.at(-1);
  return open.find((run) => run.state !== "queued") ?? open[0] ?? (newestEnded ? state.runs[newestEnded] : undefined);
}

/** Runs that are over, newest first. */
export function endedRuns(state: AgentState): RunView[] {
  return state.ended.flatMap((id) => state.runs[id] ?? []).toReversed();
}

/** Runs in line, next first. */
export function queuedRuns(state: AgentState): RunView[] {
  return state.queue.flatMap((id) => state.runs[id] ?? []);
}

/** True while a note can still reach the run. */
export function canSteer(run: RunView | undefined): boolean {
  return run !== undefined && run.state !== "ended" && run.state !== "queued";
}
