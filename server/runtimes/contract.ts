/**
 * What every runtime offers the engine, and what it is lent. A runtime executes one claimed run: the native loop here, a
 * coding harness or a program elsewhere.
 *
 * Events go to a sink, not out of an iterable: a runtime must know that the room has stored `tool.called` before the
 * effect, and an iterable cannot say so.
 */
import type { ApprovalAsk } from "../../party/protocol/agent.ts";
import type { ActorRef, Attachment } from "../../party/protocol/common.ts";
import type { FeederAnswer, JournalEntry } from "../../party/protocol/internal.ts";
import type { RunEvent, RunLive } from "../../party/protocol/run-events.ts";
import type { Skill } from "../../skills/skill-file.ts";
import type { Models } from "../models/registry.ts";
import type { Sandbox } from "../tools/sandbox.ts";
import type { FileChange } from "../tools/tool.ts";

/** What the room said when it granted the run. */
export type Claimed = Extract<FeederAnswer, { type: "claimed" }>;
/** People's decision about a call. */
export type Decided = Omit<Extract<FeederAnswer, { type: "decided" }>, "type">;
/** A person's answer to a question. */
export type Answered = Omit<Extract<FeederAnswer, { type: "answered" }>, "type">;
/** What a person said to a run that is under way. */
export type Steer = Claimed["steers"][number];

/** Things that the room stores together, or not at all. */
export type Group = {
  events: RunEvent[];
  journal?: JournalEntry[];
  /** approvals to open, with their `approval.asked` among the events */
  asks?: ApprovalAsk[];
  /** questions to open, with their `question.asked` among the events */
  questions?: { id: string; text: string; options: string[] }[];
};

/** Lets go of the run in the same put: until something is decided, or for good with `run.ended` among the events. */
export type Release = "wait" | "end";

/** The lease is gone, or this process stops: another runner goes on. Nothing more may be said or done for the run. */
export class LeaseLost extends Error {
  constructor(why: string) {
    super(why);
    this.name = "LeaseLost";
  }
}

/** The room did not take a frame: what it holds is not acceptable, and sending it again cannot help. */
export class FrameRefused extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "FrameRefused";
    this.code = code;
  }
}

/** The agent's room, as a run sees it. */
export type RoomPort = {
  /** Stores groups in order, before everything sent later. @throws LeaseLost, FrameRefused */
  commit(groups: readonly Group[], release?: Release): Promise<void>;
  /** The same without waiting: a loss shows at the next `commit`. */
  send(groups: readonly Group[]): void;
  /** Shows something that may be lost: a later durable event carries the whole. */
  live(item: RunLive): void;
  /** Fires when the lease is gone. */
  readonly lost: AbortSignal;
  /** False when the lease may be gone by the monotonic clock, also right after the process was frozen. */
  held(): boolean;
};

export type ExecuteClaim =
  | { ok: true }
  /** `unknown`: an earlier attempt may have carried it out */
  | { ok: false; effect: "none" | "unknown"; why: string };

/** The right to carry out an approved call, held by the company's room. */
export type ExecutePort = {
  /** Checks rights, expiry and arguments again and takes the right. @throws LeaseLost */
  claim(approval: string, digest: string): Promise<ExecuteClaim>;
  /** Says what became of it. @throws LeaseLost */
  done(approval: string, effect: "none" | "done" | "unknown"): Promise<void>;
};

/** Versions of what a run makes of its workspace, kept by the api. */
export type VersionsPort = {
  /**
   * Keeps the new content of changed files, so that people can open it wherever the run goes on. The changes come back with
   * their `ref`; one that could not be kept comes back without. Does not reject.
   */
  keep(call: string, changes: readonly FileChange[]): Promise<FileChange[]>;
};

/** The files that came with what people said. */
export type FilePort = {
  /** Bytes of a file, to show them to a model. @throws when they cannot be had */
  load(file: string): Promise<Uint8Array>;
  /** Puts a file where the agent's tools find it. @returns its path in the workspace. @throws when it cannot be had */
  place(attached: Attachment): Promise<string>;
};

/** One claimed run, ready to be executed. */
export type ClaimedRun = {
  claimed: Claimed;
  journal: readonly JournalEntry[];
  room: RoomPort;
  execute: ExecutePort;
  versions: VersionsPort;
  files: FilePort;
  /** who may answer the run, the best first */
  models: Models;
  /** absolute path of the agent's folder */
  workspace: string;
  sandbox: Sandbox;
  /** offered to the run */
  skills: readonly Skill[];
  /** variables of the run for commands */
  env: Record<string, string>;
};

/** How a runtime let go of a run. `lost`: nothing more was said, another runner takes over. */
export type LetGo = "ended" | "waiting" | "lost";

/** A run that is being executed. */
export type RunHandle = {
  /** settles when the runtime has let go and everything it started is gone; does not reject */
  readonly done: Promise<LetGo>;
  /** heard before the next call of the model */
  send(steer: Steer): void;
  /** ends the current turn within a second; the run waits for a follow-up */
  interrupt(by: ActorRef): void;
  /** ends the run as aborted */
  cancel(by: ActorRef): void;
  answerPermission(decided: Decided): void;
  answerQuestion(answered: Answered): void;
  /** stops without a word, so that another runner can go on */
  close(): void;
};

export type Runtime = {
  /** as in `agent.runtime` and in the source of each event */
  readonly name: string;
  start(run: ClaimedRun): RunHandle;
};
