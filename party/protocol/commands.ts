/** What people may ask of a room, over the socket or over REST, and the least role for each. */
import { z } from "zod";
import { LIMITS } from "./limits.ts";
import type { Role } from "./roles.ts";

const id = z.string().min(1).max(64);
/** What a person may write into a wake, a steer or a message. */
export const text = z
  .string()
  .min(1)
  .refine((value) => new TextEncoder().encode(value).length <= LIMITS.textBytes, `longer than ${LIMITS.textBytes} bytes`);

/** How long a decision counts: for this call, or for this tool in this run. */
export const remember = z.enum(["once", "run"]);

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
  }),
  z.object({ type: z.literal("approval.claim"), approval: id }),
  z.object({ type: z.literal("approval.release"), approval: id }),
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
  z.object({ type: z.literal("message.post"), text, replyTo: id.optional() }),
  z.object({ type: z.literal("message.edit"), message: id, text }),
  z.object({ type: z.literal("message.delete"), message: id }),
  z.object({ type: z.literal("answer.stop") }),
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
  "approval.claim": "operator",
  "approval.release": "operator",
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
  "answer.stop": "member",
  "session.takeOver": "member",
  "session.handBack": "member",
};
