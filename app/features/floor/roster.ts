import { assertNever } from "../../../party/protocol/assert.ts";
import type { RosterEntry } from "../../../party/protocol/company.ts";
import type { StatusKind } from "../../components/status.tsx";
import { took, when } from "../../lib/format.ts";

/** The glyph and the word of an agent. */
export function agentStatus(entry: Pick<RosterEntry, "status">): { kind: StatusKind; word: string } {
  switch (entry.status) {
    case "idle":
      return { kind: "idle", word: "Resting" };
    case "working":
      return { kind: "live", word: "Working" };
    case "waiting":
      return { kind: "wait", word: "Needs a person" };
    case "queued":
      return { kind: "queue", word: "Starting" };
    case "paused":
      return { kind: "pause", word: "Paused" };
    case "failed":
      return { kind: "fail", word: "Stopped" };
    case "retired":
      return { kind: "idle", word: "Retired" };
    default:
      return assertNever(entry.status);
  }
}

/**
 * What an agent is about, in one line: what it asks while it waits, what it was asked for while it works, why it stopped.
 * @param ask what it asks of a person, where known
 */
export function about(entry: RosterEntry, ask: string | undefined): string {
  switch (entry.status) {
    case "waiting":
      return ask ?? entry.doing;
    case "working":
    case "queued":
      return entry.run?.title ?? entry.doing;
    case "failed":
      return entry.doing;
    case "idle":
    case "paused":
    case "retired":
      return "Waiting for something to do";
    default:
      return assertNever(entry.status);
  }
}

const URGENCY: readonly RosterEntry["status"][] = ["waiting", "failed", "working", "queued", "paused", "idle", "retired"];

/** What people should see first: those who wait, then those who work, then by name. */
export function byUrgency(a: RosterEntry, b: RosterEntry): number {
  return URGENCY.indexOf(a.status) - URGENCY.indexOf(b.status) || byName(a, b);
}

export function byName(a: Pick<RosterEntry, "name" | "agent">, b: Pick<RosterEntry, "name" | "agent">): number {
  return a.name.localeCompare(b.name) || a.agent.localeCompare(b.agent);
}

const OUTCOME_WORDS: Record<string, string> = {
  done: "finished",
  aborted: "was stopped",
  failed: "failed",
  budget: "stopped at its budget",
  limit: "stopped at a limit",
  declined: "was declined by the model",
  interrupted: "was interrupted",
};

/** "Last run finished 09:14, 12 s" */
export function lastRunWords(entry: RosterEntry, now: number): string {
  if (!entry.last) return "No runs yet";
  return `Last run ${OUTCOME_WORDS[entry.last.outcome] ?? entry.last.outcome} ${when(entry.last.endedAt, now)}, ${took(entry.last.ms)}`;
}

/** How many agents are in each state, as one sentence. */
export function summary(entries: readonly RosterEntry[]): { working: number; waiting: number; stopped: number; resting: number } {
  const count = (...statuses: RosterEntry["status"][]): number =>
    entries.filter((entry) => statuses.includes(entry.status)).length;
  return {
    working: count("working", "queued"),
    waiting: count("waiting"),
    stopped: count("failed"),
    resting: count("idle", "paused"),
  };
}
