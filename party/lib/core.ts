/**
 * The contract between a room's core (pure) and its shell (I/O). A core decides on the room's state, the command and the
 * context; the shell stores what it decided in one put, then tells everyone.
 */

import type { RoomCommand } from "../protocol/commands.ts";
import type { Actor } from "../protocol/common.ts";
import type { Nack } from "../protocol/frames.ts";
import type { FeederAnswer, FeederFrame, JournalEntry, RoomMessage, RoomOp } from "../protocol/internal.ts";
import type { Role } from "../protocol/roles.ts";
import type { Message } from "../protocol/session.ts";
import type { Party } from "../protocol/tickets.ts";

/** Clock and identity, passed in. */
export type Context = {
  /** ms since the epoch */
  now: number;
  newId: (prefix: "run" | "st" | "msg" | "ap" | "pat" | "ref") => string;
  /** the room's own id */
  room: string;
  /** seq of the room's newest event */
  head: number;
};

export type Outgoing = { party: Party; room: string; message: RoomMessage };

/** Private rows of a room, by key; a change of identity means the row is written again. */
export type PrivateRows = Record<string, unknown>;

export type Refused = { ok: false; code: string; message: string; retryable: boolean; winner?: Nack["winner"] };

export type Decided<E, P> = {
  ok: true;
  events: E[];
  priv?: P;
  out?: Outgoing[];
  /** said to other rooms without a promise: the Floor's moving lines */
  say?: Outgoing[];
  /** live items for the viewers */
  live?: object[];
  /** rows of runs' journals, from a place on */
  journal?: { run: string; from: number; entries: JournalEntry[] }[];
  /** said to the runner that holds a run, after the commit */
  tell?: { run: string; answer: FeederAnswer }[];
  /** what the asker learns beside the seq */
  result?: Record<string, unknown>;
  /** sockets to close after the commit */
  close?: (
    | { kind: "person"; person: string }
    | { kind: "session"; session: string }
    | { kind: "all" }
    /** `released`: the runner let go; `fenced`: the lease was taken from it and it must stop at once */
    | { kind: "feeder"; run: string; why: "released" | "fenced" }
  )[];
  /** persons whose rights changed: open sockets get the new role */
  roles?: { person: string; role: Actor["role"]; rights: number }[];
  /** asks the api for a runner, after the commit; the answer comes back as `dispatched` */
  dispatch?: { run: string; fence: number; agent: string; lane?: string; company: string }[];
  /** runs whose journal may be deleted once their events are archived */
  forget?: string[];
  /** drops everything the room stores but its tombstone */
  purge?: true;
};

export type Decision<E, P> = Decided<E, P> | Refused;

export function refuse(code: string, message: string, extra: { retryable?: boolean; winner?: Nack["winner"] } = {}): Refused {
  return { ok: false, code, message, retryable: extra.retryable ?? false, winner: extra.winner };
}

export const NOTHING = { ok: true, events: [] } as const;

/**
 * A core: pure functions over public state `S` (folded from the events) and private state `P`.
 * `P` is a flat record of rows, so that a turn writes only the rows it changed.
 */
export interface RoomCore<S, P extends PrivateRows, E> {
  readonly party: Party;
  readonly empty: S;
  readonly emptyPriv: P;
  evolve(state: S, event: E & { seq: number; at: string }): S;
  /** anything another process or a person asks of the room */
  decide(state: S, priv: P, input: CoreInput, context: Context): Decision<E, P>;
  /** ms since the epoch when the core wants `tick` next */
  due(state: S, priv: P): number | undefined;
  /** the company the room belongs to; empty until it is configured */
  companyOf(state: S): string;
  /** what the room itself knows of a person's rights; undefined: nothing, the ticket's word counts */
  rightsOf?(state: S, priv: P, person: string): { role: Role | null; rights: number } | undefined;
  /** whether an event takes back words of events before it, which nobody may read from the log any more */
  takesBack?(event: E): boolean;
}

/** Everything that can reach a core. */
export type CoreInput =
  /** `known`: messages it is about, from the api alone */
  | { kind: "command"; actor: Actor; command: RoomCommand; known?: readonly Message[] }
  | { kind: "op"; op: Exclude<RoomOp, { op: "command" }> }
  | { kind: "message"; from: { party: Party; room: string }; message: RoomMessage }
  | { kind: "feeder"; frame: Exclude<FeederFrame, { type: "live" }>; held: FeederHold | undefined }
  /** the api's answer to a dispatch */
  | { kind: "dispatched"; run: string; fence: number; runner: string | undefined }
  /** the room has just been rebuilt from its storage in a new process; the end of a sleep is none */
  | { kind: "started" }
  | { kind: "tick" };

/** The run a feeder's socket has claimed. */
export type FeederHold = { run: string; runner: string; fence: number };
