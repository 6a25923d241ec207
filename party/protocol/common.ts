/** Shapes that every room shares. */
import { z } from "zod";
import { LIMITS } from "./limits.ts";
import { ROLES } from "./roles.ts";

/** Who did something. */
export const actorRef = z.object({
  id: z.string().max(64),
  name: z.string().max(200),
  kind: z.enum(["person", "agent", "system"]),
});
export type ActorRef = z.infer<typeof actorRef>;

/** A person who commands a room, with the rights the api or a ticket vouched for. */
export const actor = actorRef.extend({ role: z.enum(ROLES), rights: z.number().int().nonnegative() });
export type Actor = z.infer<typeof actor>;

/** A string over the inline limit: its beginning, its size in bytes and where the whole is served. */
export const textRef = z.object({ head: z.string(), bytes: z.number().int(), ref: z.string() });
export type TextRef = z.infer<typeof textRef>;
export const longText = z.union([z.string(), textRef]);
export type LongText = z.infer<typeof longText>;

/** The part of a long text that is at hand. */
export function inlineText(text: LongText): string {
  return typeof text === "string" ? text : text.head;
}

/** A file that goes with a message, a wake or a prompt. Its bytes are served by the api. */
export const attachment = z.object({
  file: z.string().min(1).max(64),
  name: z.string().min(1).max(255),
  mime: z.string().min(1).max(255),
  bytes: z.number().int().nonnegative(),
});
export type Attachment = z.infer<typeof attachment>;
export const attachments = z.array(attachment).max(LIMITS.attachments);

/** Something said in a conversation before a wake. */
export const said = z.object({ by: actorRef, text: z.string(), at: z.string(), attachments: attachments.optional() });
export type Said = z.infer<typeof said>;
/** The newest of what was said, oldest first. */
export const history = z.array(said).max(LIMITS.historyMessages);

export const RISKS = ["read", "write", "outward", "spend", "destroy", "unknown"] as const;
export const risk = z.enum(RISKS);
export type Risk = z.infer<typeof risk>;

export const POLICIES = ["auto", "ask", "deny"] as const;
export type ToolPolicy = (typeof POLICIES)[number];

/** What a wake is about. */
export const subject = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("none") }),
  z.object({ kind: z.literal("issue"), id: z.string().max(64) }),
  z.object({ kind: z.literal("session"), id: z.string().max(64) }),
  z.object({ kind: z.literal("approval"), id: z.string().max(64) }),
]);
export type Subject = z.infer<typeof subject>;

/** A request to work: one shape for every source. */
export const wake = z.object({
  /** dedupe: a repeated key is dropped */
  key: z.string().min(1).max(128),
  source: z.enum([
    "person",
    "issue",
    "comment",
    "mention",
    "approval",
    "heartbeat",
    "routine",
    "channel",
    "chat",
    "webhook",
    "agent",
  ]),
  reason: z.string().max(500),
  subject,
  prompt: z.string(),
  requestedBy: actorRef,
  /** when it was said, ISO 8601; a later wake that is merged with this one brings only what was said after it */
  at: z.string().optional(),
  attachments: attachments.optional(),
  history: history.optional(),
});
export type Wake = z.infer<typeof wake>;

export const usage = z.object({
  input: z.number().int().nonnegative(),
  output: z.number().int().nonnegative(),
  cached: z.number().int().nonnegative().default(0),
  thinking: z.number().int().nonnegative().default(0),
});
export type Usage = z.infer<typeof usage>;

export { addUsage, NO_USAGE } from "./usage.ts";

/** Money in micro-USD (1e-6 USD), an integer so that sums are exact. */
export const microUsd = z.number().int().nonnegative();

export const runError = z.object({
  code: z.string().max(64),
  message: z.string().max(2_000),
  retryable: z.boolean(),
  whatToDo: z.string().max(1_000).optional(),
});
export type RunError = z.infer<typeof runError>;
