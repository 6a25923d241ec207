/** The company room on the wire: roster, approvals, questions, activity. */
import { z } from "zod";
import { actorRef, longText, risk } from "./common.ts";
import { heldDecision, PATTERN_ENDS, type RememberedPattern, rememberedPattern } from "./consent/schema.ts";
import { MODEL_CHOICE_CHARS } from "./model-choice.ts";
import { ROLES } from "./roles.ts";
import { DECISIONS, voteShape } from "./run-events.ts";

const id = z.string().min(1).max(64);

/** One agent as the Floor shows it; sent by the agent's room, state not history. */
export const rosterEntry = z.object({
  agent: id,
  name: z.string().max(80),
  title: z.string().max(120),
  status: z.enum(["idle", "working", "waiting", "queued", "paused", "failed", "retired"]),
  /** one plain sentence */
  doing: z.string().max(500),
  run: z.object({ id, title: z.string().max(200), startedAt: z.string().optional(), cost: z.number() }).optional(),
  call: z.string().max(200).optional(),
  /** why it takes no work, while it is paused */
  paused: z.object({ reason: z.string().max(40), by: z.string().max(200), note: z.string().max(500).optional() }).optional(),
  queued: z.number().int().nonnegative(),
  /** the newest finished run */
  last: z.object({ id, title: z.string().max(200), outcome: z.string(), endedAt: z.string(), ms: z.number() }).optional(),
  model: z.string().max(MODEL_CHOICE_CHARS),
});
export type RosterEntry = z.infer<typeof rosterEntry>;

export const APPROVAL_STATES = [
  "pending",
  "allowed",
  "edited",
  "executing",
  "executed",
  "unknown",
  "denied",
  "expired",
  "revoked",
  "superseded",
  "cancelled",
] as const;
export type ApprovalState = (typeof APPROVAL_STATES)[number];

const reminded = z.object({ times: z.number().int(), at: z.string() });

export const approval = z.object({
  id,
  agent: id,
  agentName: z.string(),
  run: id,
  runTitle: z.string(),
  call: id,
  tool: z.string(),
  /** canonical JSON of the arguments; the digest covers the whole also when this is a reference */
  input: longText,
  digest: z.string().length(64),
  risk,
  question: z.string(),
  note: z.string().optional(),
  cwd: z.string(),
  cause: actorRef.nullable(),
  need: z.number().int(),
  /** an allow counts for this call alone: there is no sandbox around it */
  everyTime: z.boolean().optional(),
  /** grows with each change of the arguments; a decision names the one it saw */
  version: z.number().int(),
  state: z.enum(APPROVAL_STATES),
  votes: z.array(voteShape),
  claim: z.object({ by: actorRef, at: z.string() }).optional(),
  createdAt: z.string(),
  expiresAt: z.string(),
  decidedAt: z.string().optional(),
  /** arguments a person put in place of the agent's */
  editedBy: actorRef.optional(),
  /** a decision on its way, until it counts or is withdrawn */
  held: heldDecision.optional(),
  /** the remembered pattern that settled it */
  pattern: id.optional(),
  /** how often it was said again that it waits, and when last */
  reminded: reminded.optional(),
});
export type Approval = z.infer<typeof approval>;

export const question = z.object({
  id,
  agent: id,
  agentName: z.string(),
  run: id,
  runTitle: z.string(),
  text: z.string(),
  options: z.array(z.string()),
  createdAt: z.string(),
  state: z.enum(["open", "answered", "cancelled"]),
  answer: z.object({ by: actorRef, value: z.string(), at: z.string() }).optional(),
  reminded: reminded.optional(),
});
export type Question = z.infer<typeof question>;

export const companyConfig = z.object({ id, name: z.string().max(80), prefix: z.string().max(8), fourEyes: z.boolean() });
export type CompanyConfig = z.infer<typeof companyConfig>;

export const companyMember = z.object({ id, name: z.string().max(200), role: z.enum(ROLES), rights: z.number().int() });
export type CompanyMember = z.infer<typeof companyMember>;

export const activityEntry = z.object({
  by: actorRef,
  /** a sentence without its subject: "allowed shell in Tidy the folder" */
  text: z.string().max(500),
  agent: id.optional(),
  run: id.optional(),
});
export type ActivityEntry = z.infer<typeof activityEntry>;

/** Durable events of the company's room. */
export const companyEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("company.configured"), config: companyConfig }),
  z.object({ type: z.literal("member.changed"), member: companyMember, by: actorRef }),
  z.object({ type: z.literal("member.removed"), id, name: z.string(), rights: z.number().int(), by: actorRef }),
  z.object({ type: z.literal("agent.changed"), entry: rosterEntry }),
  z.object({ type: z.literal("agent.removed"), agent: id }),
  z.object({ type: z.literal("approval.asked"), approval }),
  z.object({ type: z.literal("approval.claimed"), approval: id, by: actorRef }),
  z.object({ type: z.literal("approval.released"), approval: id, by: actorRef }),
  z.object({ type: z.literal("approval.voted"), approval: id, vote: voteShape }),
  z.object({
    type: z.literal("approval.edited"),
    approval: id,
    version: z.number().int(),
    input: longText,
    digest: z.string().length(64),
    by: actorRef,
  }),
  z.object({ type: z.literal("approval.decided"), approval: id, decision: z.enum(DECISIONS), by: z.array(voteShape) }),
  z.object({
    type: z.literal("approval.state"),
    approval: id,
    state: z.enum(APPROVAL_STATES),
    why: z.string().max(300).optional(),
  }),
  /** counts at `held.until` unless it is withdrawn before; `why` when the room itself withdrew it */
  z.object({ type: z.literal("approval.held"), approval: id, held: heldDecision }),
  z.object({ type: z.literal("approval.withdrawn"), approval: id, by: actorRef, why: z.string().max(300).optional() }),
  /** it still waits; `times` counts what would have been said while the room was down as well */
  z.object({ type: z.literal("approval.reminded"), approval: id, times: z.number().int().min(1) }),
  z.object({ type: z.literal("pattern.remembered"), pattern: rememberedPattern }),
  z.object({ type: z.literal("pattern.used"), pattern: id, approval: id }),
  z.object({ type: z.literal("pattern.ended"), pattern: id, why: z.enum(PATTERN_ENDS), by: actorRef }),
  z.object({ type: z.literal("question.asked"), question }),
  z.object({ type: z.literal("question.reminded"), question: id, times: z.number().int().min(1) }),
  z.object({ type: z.literal("question.answered"), question: id, by: actorRef, value: z.string() }),
  z.object({ type: z.literal("question.cancelled"), question: id }),
  z.object({ type: z.literal("activity"), entry: activityEntry }),
  z.object({ type: z.literal("everything.stopped"), by: actorRef }),
]);
export type CompanyEvent = z.infer<typeof companyEvent>;

/** Live items of the company's room: the Floor's moving lines, and that lists of conversations are out of date. */
export const companyLive = z.discriminatedUnion("type", [
  z.object({ type: z.literal("agent.doing"), agent: id, doing: z.string().max(500), call: z.string().max(200).optional() }),
  /** no more than ids: who may not see the conversation learns nothing of it */
  z.object({ type: z.literal("session.touched"), session: id, seq: z.number().int(), at: z.string() }),
]);
export type CompanyLive = z.infer<typeof companyLive>;

/** Public state of the company's room. Settled approvals and questions stay for a while, newest last. */
export type CompanyState = {
  config?: CompanyConfig;
  members: Record<string, CompanyMember>;
  roster: Record<string, RosterEntry>;
  approvals: Record<string, Approval>;
  questions: Record<string, Question>;
  /** what agents may do again unasked, until it ends */
  patterns: Record<string, RememberedPattern>;
  activity: (ActivityEntry & { seq: number; at: string })[];
};
