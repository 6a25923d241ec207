/** What people may ask of a room, over the socket or over REST, and the least role for each. */
import { z } from "zod";
import { attachments } from "./common.ts";
import { remember } from "./consent/schema.ts";
import { LIMITS } from "./limits.ts";
import type { Role } from "./roles.ts";

const id = z.string().min(1).max(64);
/** What a person may write into a wake, a steer or a message. */
const boundedText = z
  .string()
  .refine((value) => new TextEncoder().encode(value).length <= LIMITS.textBytes, `longer than ${LIMITS.textBytes} bytes`);
export const text = boundedText.min(1);
/** Of a message: it may be empty where files say it all. */
export const messageText = boundedText;

export const companyCommand = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("approval.decide"),
    approval: id,
    version: z.number().int().min(1),
    digest: z.string().length(64),
    decision: z.enum(["allow", "deny", "edit"]),
    note: z.string().max(2_000).optional(),
    /** canonical JSON of the new arguments, with `edit` */
    input: z.string().max(LIMITS.textBytes).optional(),
    remember: remember.optional(),
    /** ms until it counts; it can be withdrawn before */
    graceMs: z.number().int().min(1).max(LIMITS.decisionGraceMs).optional(),
  }),
  z.object({ type: z.literal("approval.withdraw"), approval: id }),
  z.object({ type: z.literal("approval.claim"), approval: id }),
  z.object({ type: z.literal("approval.release"), approval: id }),
  z.object({ type: z.literal("pattern.revoke"), pattern: id }),
  z.object({ type: z.literal("question.answer"), question: id, value: z.string().min(1).max(16_000) }),
  z.object({ type: z.literal("stop.everything") }),
]);
export type CompanyCommand = z.infer<typeof companyCommand>;

export const agentCommand = z.discriminatedUnion("type", [
  z.object({ type: z.literal("agent.pause"), note: z.string().max(500).optional() }),
  z.object({ type: z.literal("agent.resume") }),
  z.object({ type: z.literal("run.wake"), prompt: text }),
  z.object({ type: z.literal("run.steer"), run: id, text }),
  z.object({ type: z.literal("run.interrupt"), run: id }),
  z.object({ type: z.literal("run.cancel"), run: id }),
  z.object({ type: z.literal("queue.cancel"), run: id }),
  z.object({ type: z.literal("queue.reorder"), queue: z.array(id).max(LIMITS.queueLength) }),
]);
export type AgentCommand = z.infer<typeof agentCommand>;

export const sessionCommand = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("message.post"),
    text: messageText,
    /** from the api alone, which has looked at the files: a socket's frame with attachments is refused */
    attachments: attachments.optional(),
    replyTo: id.optional(),
    /** agents asked to answer; without any, the agent replied to answers, else the default one */
    mentions: z.array(id).max(LIMITS.sessionAgents).optional(),
  }),
  z.object({ type: z.literal("message.edit"), message: id, text: messageText }),
  z.object({ type: z.literal("message.delete"), message: id }),
  /** asks the same agents once more to answer a message */
  z.object({ type: z.literal("message.retry"), message: id }),
  /** without a run, every answer that is under way */
  z.object({ type: z.literal("answer.stop"), run: id.optional() }),
  z.object({ type: z.literal("session.takeOver") }),
  z.object({ type: z.literal("session.handBack") }),
]);
export type SessionCommand = z.infer<typeof sessionCommand>;

export type RoomCommand = CompanyCommand | AgentCommand | SessionCommand;

/**
 * The least role for a command. Cancelling another person's run, and deciding an approval of a higher risk, need more:
 * the cores check those against their state.
 */
export const COMMAND_ROLE: Record<RoomCommand["type"], Role> = {
  "approval.decide": "operator",
  "approval.withdraw": "operator",
  "approval.claim": "operator",
  "approval.release": "operator",
  "pattern.revoke": "operator",
  "question.answer": "member",
  "stop.everything": "operator",
  "agent.pause": "operator",
  "agent.resume": "operator",
  "run.wake": "member",
  "run.steer": "member",
  "run.interrupt": "member",
  "run.cancel": "member",
  "queue.cancel": "member",
  "queue.reorder": "operator",
  "message.post": "member",
  "message.edit": "member",
  "message.delete": "member",
  "message.retry": "member",
  "answer.stop": "member",
  "session.takeOver": "member",
  "session.handBack": "member",
};
