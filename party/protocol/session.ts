/** The session room on the wire: one conversation's messages and who answers. */
import { z } from "zod";
import { type ActorRef, actorRef, longText } from "./common.ts";

const id = z.string().min(1).max(64);

export const sessionConfig = z.object({
  id,
  company: id,
  /** the agent that answers */
  agent: id,
  agentName: z.string().max(80),
  title: z.string().max(200),
  private: z.boolean(),
  archived: z.boolean(),
});
export type SessionConfig = z.infer<typeof sessionConfig>;

export const message = z.object({
  id,
  by: actorRef,
  text: longText,
  at: z.string(),
  replyTo: id.optional(),
  /** the run that wrote it */
  run: id.optional(),
  edited: z.boolean().optional(),
  deleted: z.boolean().optional(),
});
export type Message = z.infer<typeof message>;

/** Durable events of a session's room. */
export const sessionEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("session.configured"), config: sessionConfig }),
  z.object({ type: z.literal("message.posted"), message }),
  z.object({ type: z.literal("message.edited"), message: id, text: longText, by: actorRef }),
  z.object({ type: z.literal("message.deleted"), message: id, by: actorRef }),
  z.object({ type: z.literal("answer.started"), run: id, agent: id }),
  z.object({ type: z.literal("answer.ended"), run: id, outcome: z.string(), note: z.string().max(2_000).optional() }),
  z.object({ type: z.literal("session.takenOver"), by: actorRef }),
  z.object({ type: z.literal("session.handedBack"), by: actorRef }),
]);
export type SessionEvent = z.infer<typeof sessionEvent>;

export type SessionState = {
  config?: SessionConfig;
  /** the newest messages, oldest first */
  messages: Message[];
  /** runs that are answering now; their deltas stream from the agent's room */
  answers: { run: string; agent: string }[];
  answeredBy: { kind: "agent" } | { kind: "person"; by: ActorRef };
};
