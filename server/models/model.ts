/**
 * The model contract of the native loop: one streaming call, one vocabulary for every provider.
 *
 * A model is a function of its request: it keeps nothing between calls, so a run can go on with any runner from the
 * journal alone. What a provider wants back verbatim (call ids, thinking signatures) travels in `private` of the block it
 * belongs to; the loop stores it and hands it back, and never reads it.
 */
import type { Usage } from "../../party/protocol/common.ts";
import type { CostBasis } from "../../party/protocol/run-events.ts";
import type { Skill } from "../../skills/skill-file.ts";
import type { NamedSkill } from "../skills/named.ts";

/** A piece of an assistant's turn. */
export type Block =
  | { kind: "text" | "thinking"; text: string; private?: unknown }
  | {
      kind: "tool_call";
      /** our id of the call, the same in events, approvals and results */
      call: string;
      name: string;
      /** the arguments as the model wrote them: JSON text, unchecked */
      input: string;
      private?: unknown;
    };
export type ToolCallBlock = Extract<Block, { kind: "tool_call" }>;

/**
 * Why a turn ended. `pause`: the model wants to be called again without anything having happened; `aborted`: a person
 * stopped it and the blocks are what had arrived.
 */
export type TurnStop = "end" | "tools" | "pause" | "length" | "refusal" | "aborted";

/** A file that came with what somebody said. Its bytes are not part of a message: they are asked for with `load`. */
export type AttachedFile = {
  /** id of the file */
  file: string;
  /** as its sender named it */
  name: string;
  /** as its bytes say */
  mime: string;
  bytes: number;
  /** where the run finds it in its workspace; absent when it could not be put there */
  path?: string;
};

/** Something said in the conversation before the run began. */
export type EarlierWords = {
  by: string;
  /** said by the agent that is asked now */
  own?: boolean;
  text: string;
  /** ISO 8601 UTC */
  at: string;
  attachments?: AttachedFile[];
};

/** What a model reads: the run so far, oldest first. Every call of an assistant message has one `result` after it. */
export type Message =
  /** context for the `user` message after it, oldest first; nothing in it is to be answered */
  | { kind: "history"; said: EarlierWords[] }
  | {
      kind: "user";
      text: string;
      by: string;
      via: "prompt" | "steer" | "followup" | "channel";
      attachments?: AttachedFile[];
      /** the skills its text names; their bodies belong to what was said */
      skills?: NamedSkill[];
    }
  | { kind: "assistant"; blocks: Block[]; stop: TurnStop }
  | { kind: "result"; call: string; ok: boolean; text: string };

export type ToolDescription = {
  name: string;
  description: string;
  /** JSON Schema of the arguments, an object */
  inputSchema: Record<string, unknown>;
};

/** A skill that may be named in what people say. */
export type SkillDescription = Pick<Skill, "name" | "description">;

export type ModelRequest = {
  system: string;
  messages: readonly Message[];
  tools: readonly ToolDescription[];
  skills: readonly SkillDescription[];
  /** The bytes of an attached file. @throws when they cannot be had: the model then reads that it was not sent */
  load(file: string): Promise<Uint8Array>;
};

/** A failure of the provider, in words for people. `retryable` means: the same request may work in a moment. */
export type ModelFailure = {
  code: string;
  message: string;
  retryable: boolean;
  whatToDo?: string;
  /** ms the provider wants to be left alone */
  retryAfterMs?: number;
};

/**
 * One step of a streamed turn. Blocks are told apart by `index`: a provider may close one after the next was opened.
 * A stream ends with `stop` or `error`; nothing follows either.
 */
export type ModelDelta =
  | { type: "block.start"; index: number; kind: "text" | "thinking" }
  | { type: "block.start"; index: number; kind: "tool_call"; name: string }
  /** more of a text, or more of the arguments' JSON */
  | { type: "block.delta"; index: number; text: string }
  | { type: "block.end"; index: number; private?: unknown }
  /** the turn's usage so far, in full: a later one replaces an earlier one. `cost` in micro-USD */
  | { type: "usage"; usage: Usage; cost: number; basis: CostBasis }
  /** something people should know of how this turn is played, one sentence */
  | { type: "note"; text: string }
  | { type: "stop"; stop: Exclude<TurnStop, "aborted"> }
  | { type: "error"; failure: ModelFailure };

export type Model = {
  /** as shown to people and recorded with each turn */
  readonly name: string;
  /** tells it from the other models of a run, also after a restart; recorded in the journal */
  readonly id: string;
  /** ms it may take to the first delta; a machine of one's own may have to load the model first. Without it, as any silence */
  readonly slowStartMs?: number;
  /** Streams one turn. Ends early, without `stop`, when `signal` fires; a failure is an `error` delta, never a throw. */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelDelta>;
};

/**
 * The tool by which a model asks the person something. It has no effect: the loop turns a call of it into a question, and
 * the answer is its result. Arguments: `{question, options?}`.
 */
export const ASK_PERSON = "ask_person";
