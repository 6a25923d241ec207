/** The session room on the wire: one conversation's messages and who answers. */
import { z } from "zod";
import { type ActorRef, actorRef, attachments, longText } from "./common.ts";
import { LIMITS } from "./limits.ts";

const id = z.string().min(1).max(64);
const named = z.object({ id, name: z.string().max(200) });
/** Agents of a conversation, by id. */
const agentIds = z.array(id).max(LIMITS.sessionAgents);

export const sessionConfig = z.object({
  id,
  company: id,
  /** the agent that answers what is addressed to nobody else */
  agent: id,
  agentName: z.string().max(80),
  /** all who may answer, the default one among them; absent where it is the only one */
  agents: z.array(named).max(LIMITS.sessionAgents).optional(),
  title: z.string().max(200),
  private: z.boolean(),
  /** who may see a private conversation; absent for one that is not */
  people: z.array(named).max(LIMITS.sessionPeople).optional(),
  archived: z.boolean(),
});
export type SessionConfig = z.infer<typeof sessionConfig>;

export const message = z.object({
  id,
  by: actorRef,
  /** may be empty beside attachments */
  text: longText,
  at: z.string(),
  attachments: attachments.optional(),
  /** agents that were asked to answer, the default one included; absent where nobody was */
  mentions: agentIds.optional(),
  replyTo: id.optional(),
  /** the run that wrote it, or that failed to */
  run: id.optional(),
  /** the message that run was to answer */
  answers: id.optional(),
  edited: z.boolean().optional(),
  editedAt: z.string().optional(),
  deleted: z.boolean().optional(),
});
export type Message = z.infer<typeof message>;

/**
 * What an edit of a message met at an agent:
 * - `replaced`: its run had not started and reads the new text
 * - `told`: its run was at work and is told of the new text
 * - `acted`: its run had ended on the old text
 */
export const EDIT_STATES = ["replaced", "told", "acted"] as const;

/** `calls` and `files`: what the run had done by then. Absent where the agent does not remember the run. */
export const editTold = z.object({
  message: id,
  agent: id,
  agentName: z.string().max(80),
  state: z.enum(EDIT_STATES),
  run: id.optional(),
  calls: z.number().int().nonnegative().optional(),
  files: z.number().int().nonnegative().optional(),
});
export type EditTold = z.infer<typeof editTold>;

/** Durable events of a session's room. */
export const sessionEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("session.configured"), config: sessionConfig }),
  z.object({ type: z.literal("message.posted"), message }),
  z.object({ type: z.literal("message.edited"), message: id, text: longText, by: actorRef }),
  z.object({ type: z.literal("message.deleted"), message: id, by: actorRef }),
  z.object({ type: z.literal("edit.told"), ...editTold.shape }),
  z.object({
    type: z.literal("answer.started"),
    run: id,
    agent: id,
    agentName: z.string().max(80),
    /** the message it answers; of several that wait together, the newest */
    message: id.optional(),
  }),
  z.object({ type: z.literal("answer.ended"), run: id, outcome: z.string(), note: z.string().max(2_000).optional() }),
  z.object({ type: z.literal("session.takenOver"), by: actorRef }),
  z.object({ type: z.literal("session.handedBack"), by: actorRef }),
]);
export type SessionEvent = z.infer<typeof sessionEvent>;

/** An answer under way; its deltas stream from the agent's room. */
export type Answer = { run: string; agent: string; agentName: string; message?: string; since: string };

export type SessionState = {
  config?: SessionConfig;
  /** the newest messages, oldest first */
  messages: Message[];
  /** by message, what became of its newest edit, one entry an agent */
  told: Record<string, (EditTold & { at: string })[]>;
  answers: Answer[];
  answeredBy: { kind: "agent" } | { kind: "person"; by: ActorRef };
};
