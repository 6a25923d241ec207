/** The agent as the Floor shows it, derived from its public state. */
import type { AgentState, RunView } from "../protocol/agent.ts";
import { describeCall, liveRuns } from "../protocol/agent-state.ts";
import type { RosterEntry } from "../protocol/company.ts";
import { runSentence } from "../protocol/run-words.ts";

/** Which of several live runs the tile shows: one that needs a person first. */
function shown(runs: RunView[]): RunView | undefined {
  const rank = (run: RunView) => (run.state === "waiting" ? 0 : run.state === "queued" ? 2 : 1);
  return [...runs].sort((a, b) => rank(a) - rank(b) || a.firstSeq - b.firstSeq)[0];
}

function statusOf(state: AgentState, run: RunView | undefined): RosterEntry["status"] {
  if (state.status.kind === "retired") return "retired";
  if (run?.state === "waiting") return "waiting";
  if (run && run.state !== "queued") return "working";
  if (state.status.kind === "paused") return "paused";
  if (run) return "queued";
  const last = state.runs[state.ended.at(-1) ?? ""];
  return last?.outcome === "failed" || last?.outcome === "interrupted" ? "failed" : "idle";
}

/** Instead of what it is that an agent does for a private conversation. */
const IN_PRIVATE = "Working on a private conversation";

/** @param inLanes runs of private conversations that are under way */
export function rosterEntry(state: AgentState, inLanes: number): RosterEntry | undefined {
  const { config } = state;
  if (!config) return undefined;
  const runs = liveRuns(state);
  const run = shown(runs);
  const last = state.runs[state.ended.at(-1) ?? ""];
  const call = run?.calls.at(-1);
  const own = statusOf(state, run);
  const hidden = inLanes > 0 && (own === "idle" || own === "failed");
  const status = hidden ? "working" : own;
  return {
    agent: config.id,
    name: config.name,
    title: config.title,
    status,
    doing: hidden ? IN_PRIVATE : doingOf(run, status, last),
    run: run && { id: run.id, title: run.title, startedAt: run.startedAt, cost: run.cost },
    call: call && describeCall(call.name, typeof call.input === "string" ? call.input : call.input.head),
    paused: state.status.kind === "paused" ? pauseOf(state.status) : undefined,
    queued: state.queue.length,
    last: last?.outcome
      ? { id: last.id, title: last.title, outcome: last.outcome, endedAt: last.endedAt ?? "", ms: last.ms ?? 0 }
      : undefined,
    model: config.model,
  };
}

function pauseOf({ reason, by, note }: Extract<AgentState["status"], { kind: "paused" }>): RosterEntry["paused"] {
  return { reason, by: by.name, note };
}

function doingOf(run: RunView | undefined, status: RosterEntry["status"], last: RunView | undefined): string {
  const failed = status === "failed" ? (last?.error?.message ?? "The last run failed") : "";
  return (run ? runSentence(run) : failed).slice(0, 500);
}

export function doingLine(entry: RosterEntry): string {
  return `${entry.doing}\n${entry.call ?? ""}`;
}
