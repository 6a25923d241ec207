/**
 * The life of one child process as a pure machine: when it is started again, when it counts as frozen, and how it is
 * stopped. The shell (`supervisor.ts`) feeds it events with the time and carries out its effects.
 * All times are ms of a monotonic clock that stands still while the machine sleeps.
 */
import { assertNever } from "../../party/protocol/assert.ts";

export const SUPERVISION = {
  /** ms before a crashed child is started again; doubles with each crash in a row */
  backoffMinMs: 250,
  /** ms; with the second a start takes, whatever is killed however often serves again within 5 s */
  backoffMaxMs: 4_000,
  /** ms of life after which an earlier crash no longer counts */
  healthyAfterMs: 30_000,
  /** ms without a sign of life: five missed beats, and noticed well within the 15 s the leases of its runs have left */
  frozenAfterMs: 10_000,
  /** ms for the first sign of life; a cold disk may take long to load a program */
  firstSignMs: 30_000,
  /** ms between SIGTERM and SIGKILL */
  killAfterMs: 2_000,
  /** ms a tick may be late; more means that the launcher itself was stopped and silence proves nothing */
  lateTickMs: 1_000,
} as const;

/** Why a child that still lives is on its way out. */
type Ending = "frozen" | "replace" | "stop";

export type ChildState =
  | { kind: "idle" }
  | { kind: "running"; startedAt: number; lastSignAt: number | undefined; failures: number }
  | { kind: "ending"; why: Ending; startedAt: number; killAt: number | undefined; failures: number }
  | { kind: "waiting"; until: number; failures: number }
  | { kind: "stopped" };

export type ChildEvent =
  | { kind: "start" }
  /** a beat, an answered probe or any other message */
  | { kind: "sign" }
  /** the process ended, or could not be started at all; `how` reads on after "stopped" */
  | { kind: "exit"; how: string }
  /** the time `dueAt` asked for has come; `lateMs` says by how much it was missed */
  | { kind: "tick"; lateMs: number }
  | { kind: "replace" }
  | { kind: "stop" }
  | { kind: "kill" };

export type ChildEffect =
  | { kind: "spawn" }
  /** SIGTERM to the process: it winds up its own group */
  | { kind: "terminate" }
  /** SIGKILL to the whole process group */
  | { kind: "kill-group" }
  /** one line for people; the shell puts the child's name in front */
  | { kind: "say"; text: string };

export interface Step {
  state: ChildState;
  effects: ChildEffect[];
}

/** Patience with a silent child: frozen ones are killed, except in development, where a debugger may hold them. */
export type Patience = "limited" | "endless";

export const IDLE: ChildState = { kind: "idle" };

/** ms before start number `failures + 2`: 250, 500, 1000 .. 4000. */
export function backoffMs(failures: number): number {
  return Math.min(SUPERVISION.backoffMinMs * 2 ** failures, SUPERVISION.backoffMaxMs);
}

/** When the machine wants its next tick; undefined when nothing is due by time alone. */
export function dueAt(state: ChildState, patience: Patience): number | undefined {
  switch (state.kind) {
    case "idle":
    case "stopped":
      return undefined;
    case "waiting":
      return state.until;
    case "ending":
      return state.killAt;
    case "running":
      if (patience === "endless") return undefined;
      return state.lastSignAt === undefined
        ? state.startedAt + SUPERVISION.firstSignMs
        : state.lastSignAt + SUPERVISION.frozenAfterMs;
    default:
      return assertNever(state);
  }
}

/** What an event makes of a child. Events that mean nothing in a state leave it unchanged. */
export function step(state: ChildState, event: ChildEvent, now: number, patience: Patience = "limited"): Step {
  switch (event.kind) {
    case "start":
      return state.kind === "idle" ? spawned(now, 0) : unchanged(state);
    case "sign":
      return state.kind === "running" ? { state: { ...state, lastSignAt: now }, effects: [] } : unchanged(state);
    case "exit":
      return exited(state, event.how, now);
    case "tick":
      return ticked(state, event.lateMs, now, patience);
    case "replace":
      if (state.kind === "waiting") return spawned(now, 0);
      return state.kind === "running" ? end(state, "replace", now) : unchanged(state);
    case "stop":
      return stop(state, now);
    case "kill":
      if (state.kind === "running" || state.kind === "ending") {
        return { state: { ...ending(state, "stop"), killAt: undefined }, effects: [{ kind: "kill-group" }] };
      }
      return { state: { kind: "stopped" }, effects: [] };
    default:
      return assertNever(event);
  }
}

function unchanged(state: ChildState): Step {
  return { state, effects: [] };
}

function spawned(now: number, failures: number): Step {
  return { state: { kind: "running", startedAt: now, lastSignAt: undefined, failures }, effects: [{ kind: "spawn" }] };
}

type Alive = Extract<ChildState, { kind: "running" | "ending" }>;

function ending(state: Alive, why: Ending): Extract<ChildState, { kind: "ending" }> {
  return { kind: "ending", why, startedAt: state.startedAt, killAt: undefined, failures: state.failures };
}

function end(state: Alive, why: Ending, now: number): Step {
  return { state: { ...ending(state, why), killAt: now + SUPERVISION.killAfterMs }, effects: [{ kind: "terminate" }] };
}

function stop(state: ChildState, now: number): Step {
  switch (state.kind) {
    case "idle":
    case "waiting":
    case "stopped":
      return { state: { kind: "stopped" }, effects: [] };
    case "running":
      return end(state, "stop", now);
    case "ending":
      return { state: { ...state, why: "stop" }, effects: [] };
    default:
      return assertNever(state);
  }
}

function exited(state: ChildState, how: string, now: number): Step {
  if (state.kind !== "running" && state.kind !== "ending") return unchanged(state);
  if (state.kind === "ending" && state.why === "stop") return { state: { kind: "stopped" }, effects: [] };
  if (state.kind === "ending" && state.why === "replace") return spawned(now, 0);
  const failures = now - state.startedAt >= SUPERVISION.healthyAfterMs ? 0 : state.failures;
  const delay = backoffMs(failures);
  const text = `stopped (${how}); starting it again in ${delay} ms`;
  return { state: { kind: "waiting", until: now + delay, failures: failures + 1 }, effects: [{ kind: "say", text }] };
}

function ticked(state: ChildState, lateMs: number, now: number, patience: Patience): Step {
  const due = dueAt(state, patience);
  if (due === undefined || now < due) return unchanged(state);
  switch (state.kind) {
    case "waiting":
      return spawned(now, state.failures);
    case "ending":
      return { state: { ...state, killAt: undefined }, effects: [{ kind: "kill-group" }] };
    case "running": {
      if (lateMs > SUPERVISION.lateTickMs) return { state: { ...state, lastSignAt: now }, effects: [] };
      const silentMs = now - (state.lastSignAt ?? state.startedAt);
      const text = `gave no sign of life for ${Math.round(silentMs / 1_000)} s; killing it`;
      return { state: ending(state, "frozen"), effects: [{ kind: "say", text }, { kind: "kill-group" }] };
    }
    case "idle":
    case "stopped":
      return unchanged(state);
    default:
      return assertNever(state);
  }
}
