import type { RunState } from "../../../party/protocol/agent.ts";
import type { Outcome } from "../../../party/protocol/run-events.ts";

/** States of a run that goes on, as people look for them. */
export const OPEN_STATES = ["waiting", "running", "queued", "retrying", "paused"] as const satisfies readonly RunState[];
export const ENDINGS = [
  "done",
  "failed",
  "aborted",
  "interrupted",
  "budget",
  "limit",
  "declined",
] as const satisfies readonly Outcome[];

/** What the address of the list of runs narrows it to. Days are the person's own. */
export interface RunsSearch {
  agent?: string | undefined;
  /** a state a run is in, or a way it ended */
  show?: Shown | undefined;
  /** id of the person who asked */
  by?: string | undefined;
  /** first and last day, `2026-11-17` */
  from?: string | undefined;
  to?: string | undefined;
  q?: string | undefined;
}

const SHOWN = [...OPEN_STATES, ...ENDINGS] as const;
export type Shown = (typeof SHOWN)[number];

const DAY = /^\d{4}-\d{2}-\d{2}$/;
/** characters of a search, as the api takes them */
const MAX_Q = 200;

const text = (value: unknown, max = 64): string | undefined => {
  // A number in an address comes as one: two words somebody remembers may be `2026`.
  const given = typeof value === "number" ? String(value) : value;
  return typeof given === "string" && given.trim() !== "" ? given.slice(0, max) : undefined;
};
const day = (value: unknown): string | undefined =>
  typeof value === "string" && DAY.test(value) && !Number.isNaN(Date.parse(value)) ? value : undefined;

/** Reads the address; what is not one of ours is left out. */
export function readRunsSearch(search: Record<string, unknown>): RunsSearch {
  return {
    agent: text(search.agent),
    show: SHOWN.find((one) => one === search.show),
    by: text(search.by),
    from: day(search.from),
    to: day(search.to),
    q: text(search.q, MAX_Q),
  };
}

/** What the api is asked for. @throws never: days that are none were left out before */
export function runsQueryOf({ agent, show, by, from, to, q }: RunsSearch) {
  const state = OPEN_STATES.find((one) => one === show);
  const outcome = ENDINGS.find((one) => one === show);
  return {
    agent,
    by,
    state,
    outcome,
    from: from && startOfDay(from, 0),
    to: to && startOfDay(to, 1),
    q: q?.trim() || undefined,
  };
}

/** Midnight of a day in the person's own time zone, some days later, as an ISO time. */
function startOfDay(date: string, daysLater: number): string {
  const [year = 0, month = 1, dayOfMonth = 1] = date.split("-").map(Number);
  return new Date(year, month - 1, dayOfMonth + daysLater).toISOString();
}

export function isNarrowed(search: RunsSearch): boolean {
  return Object.values(search).some((value) => value !== undefined);
}
