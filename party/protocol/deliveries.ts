/** What rooms say to one another, from the sender's outbox: stored with the turn that caused it, delivered at least once. */
import { z } from "zod";
import { approvalAsk, pauseReason } from "./agent.ts";
import { messageText } from "./commands.ts";
import { actor, actorRef, wake } from "./common.ts";
import { rosterEntry } from "./company.ts";
import { ROLES } from "./roles.ts";
import { DECISIONS, voteShape } from "./run-events.ts";
import { editTold } from "./session.ts";
import { PARTIES } from "./tickets.ts";

const id = z.string().min(1).max(64);

export const roomMessage = z.discriminatedUnion("kind", [
  // agent -> company
  z.object({ kind: z.literal("roster"), entry: rosterEntry }),
  z.object({ kind: z.literal("doing"), agent: id, doing: z.string().max(500), call: z.string().max(200).optional() }),
  z.object({ kind: z.literal("approval.ask"), ask: approvalAsk }),
  /** nothing waits for these any more; without `only`, nothing of the run does */
  z.object({
    kind: z.literal("approval.cancel"),
    run: id,
    why: z.string().max(300),
    only: z.object({ approvals: z.array(id).max(64), questions: z.array(id).max(64) }).optional(),
  }),
  /** the lease of an older fence is gone: what was executing under it is unknown */
  z.object({ kind: z.literal("approval.lost"), run: id, below: z.number().int() }),
  z.object({
    kind: z.literal("question.ask"),
    question: z.object({
      id,
      agent: id,
      agentName: z.string(),
      run: id,
      runTitle: z.string(),
      text: z.string(),
      options: z.array(z.string()),
    }),
  }),
  z.object({ kind: z.literal("activity"), by: actorRef, text: z.string().max(500), agent: id.optional(), run: id.optional() }),
  // company -> agent
  z.object({
    kind: z.literal("approval.decided"),
    approval: id,
    run: id,
    call: id,
    digest: z.string().length(64),
    decision: z.enum(DECISIONS),
    input: z.string().optional(),
    by: z.array(voteShape),
  }),
  z.object({ kind: z.literal("question.answered"), question: id, run: id, by: actorRef, value: z.string() }),
  z.object({ kind: z.literal("stop"), by: actorRef }),
  // agent -> its lanes: it was paused, or works again
  z.object({
    kind: z.literal("lane.status"),
    paused: z
      .object({
        by: actorRef,
        reason: pauseReason,
        note: z.string().max(500).optional(),
      })
      .nullable(),
    by: actorRef,
  }),
  // lane -> its agent: how many runs it holds, and no word of what they are
  z.object({ kind: z.literal("lane.busy"), session: id, live: z.number().int().nonnegative() }),
  // any -> company: a person's first socket came, the last one went
  z.object({ kind: z.literal("presence.join"), person: id, rights: z.number().int() }),
  z.object({ kind: z.literal("presence.leave"), person: id }),
  // company -> any
  z.object({ kind: z.literal("rights"), person: id, role: z.enum(ROLES).nullable(), rights: z.number().int() }),
  z.object({ kind: z.literal("session.revoked"), session: z.string() }),
  // session -> agent
  z.object({ kind: z.literal("wake"), wake }),
  /** the text of a wake was changed, or taken back; its key began with `message`, its text with `before` */
  z.object({ kind: z.literal("message.edited"), message: id, before: z.string().max(200), text: messageText, by: actorRef }),
  z.object({ kind: z.literal("message.deleted"), message: id, before: z.string().max(200), by: actorRef }),
  /** without a run, everything the agent does or has waiting for this conversation */
  z.object({ kind: z.literal("answer.stop"), run: id.optional(), by: actor }),
  // session -> company: something changed that lists of conversations show
  z.object({ kind: z.literal("touched"), session: id, seq: z.number().int(), at: z.string() }),
  // agent -> session
  z.object({ kind: z.literal("edit.told"), ...editTold.shape }),
  z.object({
    kind: z.literal("answer.started"),
    run: id,
    agent: id,
    agentName: z.string().max(80),
    message: id.optional(),
  }),
  z.object({
    kind: z.literal("answer.ended"),
    run: id,
    agent: id,
    agentName: z.string(),
    message: id.optional(),
    outcome: z.string(),
    text: z.string().optional(),
    note: z.string().optional(),
  }),
]);
export type RoomMessage = z.infer<typeof roomMessage>;

/** A delivery is stored before it is answered; `(from, epoch, n)` is the receiver's high-water mark. */
export const delivery = z.object({
  from: z.object({ party: z.enum(PARTIES), room: id, epoch: z.string() }),
  messages: z
    .array(z.object({ n: z.number().int(), message: roomMessage }))
    .min(1)
    .max(128),
});
export type Delivery = z.infer<typeof delivery>;
