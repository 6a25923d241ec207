/** The reducer of the agent's room, shared by the room's core and the app. No I/O, no clock, no zod. */
import type { AgentState, OpenCall, RunView, StampedAgentEvent } from "./agent.ts";
import { LIMITS } from "./limits.ts";
import type { RunEvent, Stamped } from "./run-events.ts";
import { sumBasis } from "./usage.ts";

/** Files listed per run; the transcript holds them all. */
const RUN_FILES = 200;
/** Steers shown per run. */
const RUN_STEERS = 50;

export const EMPTY_AGENT: AgentState = { status: { kind: "unconfigured" }, queue: [], runs: {}, ended: [] };

/** Applies one durable event. Returns a new state; the old one is untouched. */
export function evolveAgent(state: AgentState, event: StampedAgentEvent): AgentState {
  switch (event.type) {
    case "agent.configured": {
      const { config } = event;
      if (config.retired) return { ...state, config, status: { kind: "retired" } };
      return { ...state, config, status: state.status.kind === "paused" ? state.status : { kind: "ready" } };
    }
    case "agent.paused":
      if (state.status.kind === "retired") return state;
      return { ...state, status: { kind: "paused", by: event.by, reason: event.reason, note: event.note } };
    case "agent.resumed":
      return state.status.kind === "retired" ? state : { ...state, status: { kind: "ready" } };
    case "wake.merged":
      return withRun(state, event.run, event.seq, (run) => ({ ...run, wakes: run.wakes + 1 }));
    case "wake.refused":
      return state;
    case "queue.reordered":
      return { ...state, queue: event.queue };
    case "run.queued":
      return {
        ...state,
        queue: [...state.queue, event.run],
        runs: { ...state.runs, [event.run]: newRun(event) },
      };
    default:
      return evolveRun(state, event);
  }
}

function newRun(event: Stamped<Extract<RunEvent, { type: "run.queued" }>>): RunView {
  return {
    id: event.run,
    title: event.title,
    state: "queued",
    why: "Waiting to start",
    source: event.source,
    reason: event.reason,
    by: event.by,
    subject: event.subject,
    linked: event.linked,
    wakes: 1,
    queuedAt: event.at,
    attempt: 0,
    usage: { input: 0, output: 0, cached: 0, thinking: 0 },
    cost: 0,
    turn: 0,
    calls: [],
    questions: [],
    steers: [],
    openBlocks: [],
    plan: [],
    files: [],
    firstSeq: event.seq,
    lastSeq: event.seq,
  };
}

function evolveRun(state: AgentState, event: Stamped<Exclude<RunEvent, { type: "run.queued" }>>): AgentState {
  if (event.type === "run.ended") return endRun(state, event);
  const queue = event.type === "run.started" ? state.queue.filter((id) => id !== event.run) : state.queue;
  const next = withRun(state, event.run, event.seq, (run) => foldRun(run, event));
  return queue === state.queue ? next : { ...next, queue };
}

function endRun(state: AgentState, event: Stamped<Extract<RunEvent, { type: "run.ended" }>>): AgentState {
  const run = state.runs[event.run];
  if (!run) return state;
  const done: RunView = {
    ...run,
    state: "ended",
    why: event.error?.message ?? "",
    outcome: event.outcome,
    error: event.error,
    text: event.text,
    usage: event.usage,
    cost: event.cost,
    basis: event.basis ?? run.basis,
    ms: event.ms,
    endedAt: event.at,
    calls: [],
    questions: [],
    openBlocks: [],
    steers: run.steers.map((steer) =>
      steer.state === "queued" || steer.state === "seen" ? { ...steer, state: "dropped", why: "The run ended first" } : steer,
    ),
    lastSeq: event.seq,
  };
  const ended = [...state.ended, event.run];
  const runs = { ...state.runs, [event.run]: done };
  while (ended.length > LIMITS.snapshotRuns) {
    const oldest = ended.shift();
    if (oldest) delete runs[oldest];
  }
  return { ...state, runs, ended, queue: state.queue.filter((id) => id !== event.run) };
}

function withRun(state: AgentState, id: string, seq: number, change: (run: RunView) => RunView): AgentState {
  const run = state.runs[id];
  if (!run) return state;
  return { ...state, runs: { ...state.runs, [id]: { ...change(run), lastSeq: seq } } };
}

function withCall(run: RunView, id: string, change: (call: OpenCall) => OpenCall): RunView {
  return { ...run, calls: run.calls.map((call) => (call.call === id ? change(call) : call)) };
}

/** Arguments that say the most about a call, the best first. */
const TELLING = ["command", "path", "pattern", "query", "url", "title", "text"];

/** One line of what a call does to what, for tiles, lists and tool rows. @param input JSON, possibly cut */
export function describeCall(name: string, input: string): string {
  let args: unknown;
  try {
    args = JSON.parse(input);
  } catch {
    return `${name} ${tellingOfCut(input)}`.trimEnd().slice(0, 120);
  }
  if (!args || typeof args !== "object") return `${name} ${input}`.slice(0, 120);
  const texts = Object.entries(args).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  const rank = (key: string) => (TELLING.includes(key) ? TELLING.indexOf(key) : TELLING.length);
  const [best] = texts.sort(([a], [b]) => rank(a) - rank(b));
  return `${name} ${best?.[1].split("\n", 1)[0] ?? ""}`.trimEnd().slice(0, 120);
}

/** The first line of the most telling argument in JSON whose end was cut off; empty when it lies in the part that is missing. */
function tellingOfCut(input: string): string {
  for (const key of TELLING) {
    // Up to the end of the text, or the first escape that is more than a quoted character: a line end, most of all.
    const found = new RegExp(`"${key}":\\s*"((?:[^"\\\\]|\\\\["\\\\/])*)`).exec(input)?.[1];
    if (found !== undefined) return found.replace(/\\(.)/g, "$1");
  }
  return "";
}

function foldRun(run: RunView, event: Stamped<Exclude<RunEvent, { type: "run.queued" | "run.ended" }>>): RunView {
  switch (event.type) {
    case "run.started":
      return {
        ...run,
        state: "running",
        why: "Working",
        startedAt: run.startedAt ?? event.at,
        runtime: event.runtime,
        model: event.model,
        sandbox: event.sandbox,
        attempt: event.attempt,
        openBlocks: [],
      };
    case "run.state":
      return { ...run, state: event.state, why: event.why };
    case "turn.started":
      return { ...run, turn: event.turn ?? run.turn + 1, why: "Thinking", openBlocks: [] };
    case "turn.ended":
      return {
        ...run,
        usage: {
          input: run.usage.input + event.usage.input,
          output: run.usage.output + event.usage.output,
          cached: run.usage.cached + event.usage.cached,
          thinking: run.usage.thinking + event.usage.thinking,
        },
        cost: run.cost + event.cost,
        basis: sumBasis(run.basis, event.basis),
      };
    case "block.started":
      return {
        ...run,
        why: event.kind === "text" ? "Writing" : run.why,
        openBlocks: [...run.openBlocks, { block: event.block, kind: event.kind }],
      };
    case "block.ended":
      return { ...run, openBlocks: run.openBlocks.filter((open) => open.block !== event.block) };
    case "tool.called": {
      const input = typeof event.input === "string" ? event.input : event.input.head;
      const call: OpenCall = {
        call: event.call,
        name: event.name,
        input: event.input,
        policy: event.policy,
        risk: event.risk,
        at: event.at,
      };
      return {
        ...run,
        why: describeCall(event.name, input),
        calls: [...run.calls.filter((open) => open.call !== event.call), call],
      };
    }
    case "tool.ended":
      return {
        ...run,
        calls: run.calls.filter((call) => call.call !== event.call),
        // A question asked by a call has the call's id; one that was broken off is not open any more.
        questions: run.questions.filter((open) => open.id !== event.call),
      };
    case "approval.asked":
      return withCall({ ...run, why: event.question }, event.call, (call) => ({
        ...call,
        approval: {
          id: event.approval,
          digest: event.digest,
          question: event.question,
          note: event.note,
          expiresAt: event.expiresAt,
          need: event.quorum.need,
          by: [],
        },
      }));
    case "approval.decided":
      return withCall(run, event.call, (call) =>
        call.approval ? { ...call, approval: { ...call.approval, decision: event.decision, by: event.by } } : call,
      );
    case "question.asked":
      return {
        ...run,
        why: event.text,
        questions: [...run.questions, { id: event.question, text: event.text, options: event.options }],
      };
    case "question.answered":
      return { ...run, questions: run.questions.filter((open) => open.id !== event.question) };
    case "steer.queued":
      return {
        ...run,
        steers: [
          ...run.steers,
          { id: event.steer, by: event.by, text: event.text, at: event.at, state: "queued" as const },
        ].slice(-RUN_STEERS),
      };
    case "steer.seen":
      return withSteer(run, event.steer, "seen");
    case "steer.applied":
      return withSteer(run, event.steer, "applied");
    case "steer.dropped":
      return withSteer(run, event.steer, "dropped", event.why);
    case "plan.changed":
      return { ...run, plan: event.items };
    case "file.changed":
      return { ...run, files: withChange(run.files, event).slice(-RUN_FILES) };
    case "retry":
      return { ...run, why: `Trying again in ${Math.ceil(event.delayMs / 1_000)} s (${event.code})` };
    case "message.user":
    case "agent.spawned":
    case "agent.ended":
    case "artifact.added":
    case "usage":
    case "limit":
    case "compaction":
    case "voice.state":
    case "voice.said":
    case "log":
      return run;
    default: {
      // An event of a newer room: an older app shows what it knows and keeps its place in the log.
      const unknown: never = event;
      void unknown;
      return run;
    }
  }
}

/** What a run did to its files in all: lines add up, and a file that it made stays one that it added. */
function withChange(files: RunView["files"], { path, op, added, removed }: RunView["files"][number]): RunView["files"] {
  const before = files.find((file) => file.path === path);
  const sum = {
    path,
    op: before?.op === "added" && op === "changed" ? "added" : op,
    added: (before?.added ?? 0) + added,
    removed: (before?.removed ?? 0) + removed,
  };
  return [...files.filter((file) => file !== before), sum];
}

function withSteer(run: RunView, id: string, state: "seen" | "applied" | "dropped", why?: string): RunView {
  return { ...run, steers: run.steers.map((steer) => (steer.id === id ? { ...steer, state, why } : steer)) };
}

/** True for events that belong to a run. */
export function isRunEvent<E extends { type: string }>(event: E): event is E & RunEvent {
  return "src" in event;
}

/** Runs not ended, oldest first. */
export function liveRuns(state: AgentState): RunView[] {
  return Object.values(state.runs)
    .filter((run) => run.state !== "ended")
    .sort((a, b) => a.firstSeq - b.firstSeq);
}
