/**
 * The journal of a run: what the native loop needs to go on, and nothing else. Stored by the agent's room in the same put
 * as the events it belongs to, opaque to it, never shown. State after a restart is a fold of these entries.
 */
import { z } from "zod";
import { type Usage, usage } from "../../../party/protocol/common.ts";
import type { JournalEntry } from "../../../party/protocol/internal.ts";
import { COST_BASES, type CostBasis } from "../../../party/protocol/run-events.ts";
import { addUsage, NO_USAGE, sumBasis } from "../../../party/protocol/usage.ts";
import type { Message, ToolCallBlock } from "../../models/model.ts";

const tokens = {
  usage,
  cost: z.number().int().nonnegative(),
  /** how the cost was found; absent in what older versions wrote */
  basis: z.enum(COST_BASES).optional(),
};

const attached = z.object({
  file: z.string(),
  name: z.string(),
  mime: z.string(),
  bytes: z.number(),
  path: z.string().optional(),
});

const block = z.discriminatedUnion("kind", [
  z.object({ kind: z.enum(["text", "thinking"]), text: z.string(), private: z.unknown().optional() }),
  z.object({
    kind: z.literal("tool_call"),
    call: z.string(),
    name: z.string(),
    input: z.string(),
    private: z.unknown().optional(),
  }),
]);

const entry = z.discriminatedUnion("kind", [
  /** an attempt began: `run.started` was said for it */
  z.object({ kind: z.literal("started"), attempt: z.number().int() }),
  z.object({
    kind: z.literal("user"),
    text: z.string(),
    by: z.string(),
    via: z.enum(["prompt", "steer", "followup", "channel"]),
    /** the skills it names, whole: the run goes on the same when their files have changed or are gone */
    skills: z.array(z.object({ name: z.string(), body: z.string() })).optional(),
    /** references: the bytes are in the library, and in the workspace at `path` */
    attachments: z.array(attached).optional(),
    /** what was said in the conversation before */
    history: z
      .array(
        z.object({
          by: z.string(),
          own: z.boolean().optional(),
          text: z.string(),
          at: z.string(),
          attachments: z.array(attached).optional(),
        }),
      )
      .optional(),
  }),
  z.object({
    kind: z.literal("assistant"),
    blocks: z.array(block),
    stop: z.enum(["end", "tools", "pause", "length", "refusal", "aborted"]),
    ...tokens,
  }),
  /** how a call ended, in the words the model reads */
  z.object({ kind: z.literal("result"), call: z.string(), ok: z.boolean(), text: z.string() }),
  /** a try of a turn that the model did not finish */
  z.object({
    kind: z.literal("failed"),
    failure: z.object({
      code: z.string(),
      message: z.string(),
      retryable: z.boolean(),
      whatToDo: z.string().optional(),
      retryAfterMs: z.number().optional(),
    }),
    ...tokens,
  }),
  /** another model answers from here on */
  z.object({ kind: z.literal("switched"), to: z.string() }),
  /** a person stopped the turn; the run waits for a follow-up */
  z.object({ kind: z.literal("stopped"), by: z.string() }),
  /** the loop breaker asked whether to go on; `calls` counts the run's tool calls until then */
  z.object({ kind: z.literal("parked"), question: z.string(), calls: z.number().int() }),
  z.object({ kind: z.literal("went_on") }),
]);
export type Entry = z.infer<typeof entry>;
export type AssistantEntry = Extract<Entry, { kind: "assistant" }>;

/**
 * characters of JSON in one stored entry. As JSON text once more, each takes at most three bytes, so a stored value stays
 * below the rooms' 100,000.
 */
const PART_CHARS = 20_000;

const PART = "part";
const part = z.object({ at: z.number().int().nonnegative(), of: z.number().int().min(1), text: z.string() });

/** An entry as the room stores it: whole, or in parts when it is long. */
export function encodeEntry(whole: Entry): JournalEntry[] {
  const text = JSON.stringify(whole);
  if (text.length <= PART_CHARS) return [{ kind: whole.kind, data: whole }];
  const of = Math.ceil(text.length / PART_CHARS);
  return Array.from({ length: of }, (_, at) => ({
    kind: PART,
    data: { at, of, text: text.slice(at * PART_CHARS, (at + 1) * PART_CHARS) },
  }));
}

/**
 * The entries behind what a room returned. Parts whose last one never arrived are dropped: the event they belong to did
 * not either.
 * @throws when an entry is not one of ours
 */
export function decodeEntries(stored: readonly JournalEntry[]): Entry[] {
  const entries: Entry[] = [];
  let parts: string[] = [];
  for (const { kind, data } of stored) {
    if (kind !== PART) {
      parts = [];
      entries.push(entry.parse(data));
      continue;
    }
    const { at, of, text } = part.parse(data);
    if (at === 0) parts = [];
    if (at !== parts.length) continue;
    parts.push(text);
    if (parts.length === of) {
      entries.push(entry.parse(JSON.parse(parts.join(""))));
      parts = [];
    }
  }
  return entries;
}

/** What the model reads. */
export function messagesOf(entries: readonly Entry[]): Message[] {
  const messages: Message[] = [];
  for (const item of entries) {
    switch (item.kind) {
      case "user": {
        const { history, ...said } = item;
        if (history && history.length > 0) messages.push({ kind: "history", said: history });
        messages.push(said);
        break;
      }
      case "assistant":
      case "result":
        messages.push(item);
        break;
      case "started":
      case "failed":
      case "switched":
      case "stopped":
      case "parked":
      case "went_on":
        break;
    }
  }
  return messages;
}

/** Finished turns, aborted ones included. */
export function turnsOf(entries: readonly Entry[]): number {
  return entries.filter((item) => item.kind === "assistant").length;
}

/** The calls of a turn, in the model's order. */
export function callsOf(turn: AssistantEntry): ToolCallBlock[] {
  return turn.blocks.filter((item): item is ToolCallBlock => item.kind === "tool_call");
}

/** `basis` is absent until something was used. */
export type Spent = { usage: Usage; cost: number; basis: CostBasis | undefined };

/** What the run has used so far, failed tries included; cost in micro-USD, as well known as its least known part. */
export function spentOf(entries: readonly Entry[]): Spent {
  let spent: Spent = { usage: NO_USAGE, cost: 0, basis: undefined };
  for (const item of entries) {
    if (item.kind !== "assistant" && item.kind !== "failed") continue;
    const { usage, cost, basis } = item;
    spent = { usage: addUsage(spent.usage, usage), cost: spent.cost + cost, basis: sumBasis(spent.basis, basis) };
  }
  return spent;
}

/** The answer of the run: the text of its last turn that said something. */
export function answerOf(entries: readonly Entry[]): string | undefined {
  for (const item of entries.toReversed()) {
    if (item.kind !== "assistant") continue;
    const text = item.blocks.flatMap((piece) => (piece.kind === "text" ? [piece.text] : [])).join("\n\n");
    if (text) return text;
  }
  return undefined;
}
