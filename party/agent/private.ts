/** What an agent's room keeps to itself: leases, fences, what a runner needs to go on. */
import type { ActorRef, Subject } from "../protocol/common.ts";
import type { CallStanding } from "../protocol/internal.ts";

export type Lease = {
  runner: string;
  fence: number;
  /** ms since the epoch, by the room's clock */
  renewedAt: number;
  /** last accepted frame of this fence */
  last: number;
  /** got a full TTL at a start of the room and was not renewed since: it gets no second one */
  graced?: boolean;
};

/** Why a run that nobody holds may not go on. */
export type Parked =
  /** it may: it wants a runner */
  | { kind: "ready"; notBefore: number }
  /** a runner was asked for at `at`, with this fence */
  | { kind: "dispatched"; fence: number; at: number; runner?: string }
  | { kind: "leased"; lease: Lease; since: number }
  /** until the calls or questions that are open have been decided */
  | { kind: "waiting" }
  /** a person stopped it; a follow-up lets it go on */
  | { kind: "interrupted" };

export type LiveRun = {
  at: Parked;
  subject: Subject;
  /** the person whose wake it was; null when no person asked */
  cause: ActorRef | null;
  by: ActorRef;
  /** rows in the run's journal */
  journal: number;
  /** attempts lost to dead runners */
  lost: number;
  /** ms it has been running before the current lease */
  ranMs: number;
  /** fence of its newest lease: what an approval may be executing under */
  fence: number;
  calls: CallStanding[];
  questions: { id: string; answer?: { by: ActorRef; value: string } }[];
  steers: { id: string; by: ActorRef; text: string }[];
  /** the newest message it answers, and when the newest thing it was told was said */
  message?: string;
  heard?: string;
  /** tool calls so far */
  made?: number;
  cancelledBy?: ActorRef;
  interruptedBy?: ActorRef;
};

/** Written often: kept small. */
export type AgentMain = {
  /** the newest fence handed out; never goes back */
  fence: number;
  /** the roster entry last sent for good, without its moving lines */
  roster: string;
  /** the moving lines last sent */
  doing: { text: string; at: number };
};

/** What became of a wake. */
export type TakenWake = {
  at: number;
  /** empty: it was refused */
  run: string;
  /** row of its prompt in the run's journal */
  row?: number;
  /** what the run had done when it ended; absent before, and where it never started */
  did?: { calls: number; files: number };
};

/** Written with each wake. */
export type AgentWakes = {
  /** the newest wakes by key, oldest first */
  keys: Record<string, TakenWake>;
  /** wakes that no person made, for the loop breaker */
  automatic: { what: string; at: number }[];
};

/** Written when the configuration changes. */
export type AgentBrief = { instructions: string };

/** Of an agent's own room: its lanes by conversation, and how many runs each holds. Of a lane: whose it is. */
export type AgentLanes = { busy: Record<string, number>; people: string[] };

/**
 * Rows of their own, so that a turn writes only what it changed: `main`, `wakes`, `brief`, `lanes`, one per live run under
 * `runKey`.
 */
export type AgentPrivate = {
  main: AgentMain;
  wakes: AgentWakes;
  brief: AgentBrief;
  lanes: AgentLanes;
  [row: string]: AgentMain | AgentWakes | AgentBrief | AgentLanes | LiveRun;
};

/** Runs under way in the agent's lanes. */
export function liveInLanes({ lanes }: AgentPrivate): number {
  return Object.values(lanes.busy).reduce((sum, live) => sum + live, 0);
}

export function runKey(id: string): string {
  return `run:${id}`;
}

export function runOf(priv: AgentPrivate, id: string): LiveRun | undefined {
  const row = priv[runKey(id)];
  return row && "at" in row ? row : undefined;
}

export const EMPTY_AGENT_PRIVATE: AgentPrivate = {
  main: { fence: 0, roster: "", doing: { text: "", at: 0 } },
  wakes: { keys: {}, automatic: [] },
  brief: { instructions: "" },
  lanes: { busy: {}, people: [] },
};

export function liveRunsOf(priv: AgentPrivate): [string, LiveRun][] {
  return Object.entries(priv).flatMap(([key, row]) =>
    "at" in row ? [[key.slice("run:".length), row] satisfies [string, LiveRun]] : [],
  );
}

/** True while something of the run still waits for a person. */
export function hasOpenAsks(run: LiveRun): boolean {
  const call = run.calls.some((standing) => !standing.ended && standing.approval && standing.approval.decision === undefined);
  return call || run.questions.some((question) => question.answer === undefined);
}
