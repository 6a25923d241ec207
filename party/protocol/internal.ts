/**
 * Frames between our own processes. All of them travel on loopback and are signed (sign.ts).
 *
 * - **link**: api -> room. One ordered WebSocket per room (HTTP POST of the same batch as fall-back).
 * - **feeder**: runner -> agent room. One WebSocket per claimed run.
 * - **delivery**: room -> room and room -> api, from the sender's outbox.
 */
import { z } from "zod";
import { type AgentConfig, agentConfig, approvalAsk } from "./agent.ts";
import { agentCommand, companyCommand, sessionCommand } from "./commands.ts";
import { type ActorRef, actor, actorRef, attachments, history, type Subject, wake } from "./common.ts";
import { companyConfig, companyMember } from "./company.ts";
import { LIMITS } from "./limits.ts";
import { type DECISIONS, runEvent, runLive } from "./run-events.ts";
import { message, sessionConfig } from "./session.ts";
import { PARTIES, type Party } from "./tickets.ts";

const id = z.string().min(1).max(64);

/** Header of the upgrade that says what kind of socket this is; absent for a viewer. Only on signed requests. */
export const SOCKET_KIND_HEADER = "x-atrium-socket";

// ── api -> room: the link ────────────────────────────────────────────────────────────────────────────────────────────

/** A record the room must know. Rows arrive in order; `(generation, row)` is the high-water mark. */
export const recordChange = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("company"), config: companyConfig }),
  z.object({ kind: z.literal("member"), member: companyMember, by: actorRef }),
  z.object({ kind: z.literal("member.removed"), id, name: z.string(), rights: z.number().int(), by: actorRef }),
  z.object({ kind: z.literal("agent"), config: agentConfig }),
  z.object({ kind: z.literal("agent.removed"), agent: id }),
  z.object({ kind: z.literal("session"), config: sessionConfig }),
  /** an agent's lane: to the lane, whose people these are; to the agent's own room, that there is one */
  z.object({ kind: z.literal("lane"), session: id, people: z.array(id).max(LIMITS.sessionPeople) }),
  z.object({ kind: z.literal("session.revoked"), session: z.string() }),
  z.object({ kind: z.literal("activity"), by: actorRef, text: z.string().max(500), agent: id.optional() }),
  z.object({ kind: z.literal("purge") }),
]);
export type RecordChange = z.infer<typeof recordChange>;

export const roomOp = z.discriminatedUnion("op", [
  z.object({ op: z.literal("record"), generation: z.number().int(), row: z.number().int(), change: recordChange }),
  z.object({
    op: z.literal("command"),
    actor,
    deadline: z.string().max(40).optional(),
    command: z.union([companyCommand, agentCommand, sessionCommand]),
    /** messages the command is about, as the archive has them: a room holds only its newest */
    known: z.array(message).max(2).optional(),
  }),
  z.object({ op: z.literal("wake"), wake }),
  z.object({ op: z.literal("runner.gone"), runner: id }),
  /** a claim of the right to carry out an approved call: company room */
  z.object({ op: z.literal("approval.execute"), approval: id, digest: z.string().length(64), fence: z.number().int(), run: id }),
  z.object({
    op: z.literal("approval.executed"),
    approval: id,
    fence: z.number().int(),
    run: id,
    effect: z.enum(["none", "done", "unknown"]),
  }),
]);
export type RoomOp = z.infer<typeof roomOp>;

/** `id` is the idempotency key of the item: a repeat within 24 h gets the first answer. */
export const linkItem = z.object({ n: z.number().int(), id: z.string().min(1).max(128), body: roomOp });
export type LinkItem = z.infer<typeof linkItem>;
export const linkBatch = z.object({ type: z.literal("batch"), items: z.array(linkItem).min(1).max(512) });
export type LinkBatch = z.infer<typeof linkBatch>;
/** A batch before its items are understood: one that is not must not hold up the others. */
export const linkEnvelope = z.object({
  type: z.literal("batch"),
  items: z
    .array(z.object({ n: z.number().int(), id: z.string().min(1).max(128), body: z.unknown() }))
    .min(1)
    .max(512),
});

export const opAnswer = z.union([
  z.object({
    n: z.number().int(),
    ok: z.literal(true),
    seq: z.number().int(),
    result: z.record(z.string(), z.unknown()).optional(),
  }),
  z.object({
    n: z.number().int(),
    ok: z.literal(false),
    code: z.string(),
    message: z.string(),
    retryable: z.boolean(),
    winner: z
      .object({
        by: z.object({ id: z.string(), name: z.string() }),
        decision: z.string(),
        at: z.string(),
        note: z.string().optional(),
      })
      .optional(),
  }),
]);
export type OpAnswer = z.infer<typeof opAnswer>;
export const linkAnswers = z.object({ type: z.literal("answers"), items: z.array(opAnswer) });
export type LinkAnswers = z.infer<typeof linkAnswers>;

// ── runner -> agent room: the feeder ─────────────────────────────────────────────────────────────────────────────────

/**
 * What a runner must be able to continue, opaque to the room: provider messages, verbatim. Never broadcast, kept in the
 * same put as its events, deleted when the run is archived.
 */
export const journalEntry = z.object({ kind: z.string().max(40), data: z.unknown() });
export type JournalEntry = z.infer<typeof journalEntry>;

/** An event as a feeder sends it: the room adds v, run, seq and at, and refuses one of another run. */
export const feederFrame = z.discriminatedUnion("type", [
  z.object({ type: z.literal("claim"), run: id, runner: id, fence: z.number().int() }),
  z.object({ type: z.literal("renew") }),
  /** `n` counts from 1 with each fence; `n <= last` is acknowledged and dropped */
  z.object({
    type: z.literal("events"),
    fence: z.number().int(),
    n: z.number().int().min(1),
    events: z.array(runEvent).max(64),
    journal: z.array(journalEntry).max(64).optional(),
    /** approvals to open in the company room, with their `approval.asked` event in `events` */
    asks: z.array(approvalAsk).max(16).optional(),
    /** questions to open in the company room, with their `question.asked` event in `events` */
    questions: z
      .array(z.object({ id, text: z.string().max(4_000), options: z.array(z.string().max(200)).max(20) }))
      .max(4)
      .optional(),
    /** lets go of the run in the same put: `wait` until something is decided, `end` with `run.ended` among the events */
    release: z.enum(["wait", "end"]).optional(),
  }),
  z.object({ type: z.literal("live"), fence: z.number().int(), items: z.array(runLive).max(256) }),
]);
export type FeederFrame = z.infer<typeof feederFrame>;

/** How a call of the run stands, as the room knows it. */
export type CallStanding = {
  call: string;
  policy: "auto" | "ask" | "deny";
  approval?: {
    id: string;
    digest: string;
    decision?: (typeof DECISIONS)[number];
    input?: string;
    by: { name: string }[];
    note?: string;
  };
  ended: boolean;
};

/** What a wake asks for; the room keeps it as the first entries of the run's journal. */
export const prompt = z.object({
  by: actorRef,
  text: z.string(),
  via: z.enum(["prompt", "channel"]),
  attachments: attachments.optional(),
  /** what was said in the conversation before */
  history: history.optional(),
});
export type Prompt = z.infer<typeof prompt>;

export type RunInput = {
  id: string;
  title: string;
  subject: Subject;
  by: ActorRef;
  /** prompts of the wakes that make up this run, oldest first */
  prompts: Prompt[];
  attempt: number;
  /** ms the run has been running before this claim */
  ranMs: number;
};

/** What the room answers to a feeder. `journal` follows in parts before `claimed`. */
export type FeederAnswer =
  | { type: "journal"; entries: JournalEntry[] }
  | {
      type: "claimed";
      fence: number;
      /** last accepted n of this fence: a reconnect goes on from here */
      last: number;
      run: RunInput;
      config: AgentConfig;
      calls: CallStanding[];
      questions: { id: string; answer?: { by: ActorRef; value: string } }[];
      steers: { id: string; by: ActorRef; text: string }[];
      /** blocks a lost attempt left open: the runner ends them as void */
      openBlocks: { block: string; kind: string }[];
      interrupted: boolean;
    }
  | { type: "refused"; code: "fenced" | "not_found" | "ended" | "not_ready"; message: string }
  | { type: "ack"; n: number; seq: number }
  | { type: "renewed" }
  /** the lease is gone: stop at once, kill what runs, say nothing more */
  | { type: "fenced" }
  | { type: "nack"; n: number; code: string; message: string }
  | { type: "steer"; steer: string; by: ActorRef; text: string }
  | {
      type: "decided";
      call: string;
      approval: string;
      digest: string;
      decision: (typeof DECISIONS)[number];
      input?: string;
      by: { name: string }[];
      note?: string;
    }
  | { type: "answered"; question: string; by: ActorRef; value: string }
  | { type: "interrupt"; by: ActorRef }
  | { type: "cancel"; by: ActorRef };

// ── room -> api ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** `POST /internal/dispatch`: find a runner for a run. 200 `{runner}`, 503 when none is free. */
export const dispatchRequest = z.object({
  company: id,
  agent: id,
  /** the private conversation whose lane of the agent holds the run */
  lane: id.optional(),
  run: id,
  generation: z.number().int(),
  fence: z.number().int(),
});
export type DispatchRequest = z.infer<typeof dispatchRequest>;
/** The runner that accepted; it claims the run with the fence of the request. */
export const dispatchAnswer = z.object({ runner: id });

/** `POST /internal/archive`: events insert-or-ignore by (room, epoch, seq). 200 `{archived: seq}`, 507 when the disk is full. */
export const archiveRequest = z.object({
  party: z.enum(PARTIES),
  room: id,
  company: id,
  epoch: z.string(),
  /** events as sent to viewers, contiguous */
  events: z.array(z.object({ seq: z.number().int(), at: z.string(), type: z.string() }).loose()),
  /** whole texts behind the references in these events */
  refs: z.array(z.object({ ref: z.string().max(64), text: z.string() })),
});
export type ArchiveRequest = z.infer<typeof archiveRequest>;

export { type Delivery, delivery, type RoomMessage, roomMessage } from "./deliveries.ts";

/** Paths a room answers on loopback, signed; relative to `/parties/<party>/<room>`. */
export const ROOM_PATH = {
  batch: "/internal/batch",
  deliver: "/internal/deliver",
  state: "/internal/state",
  events: "/internal/events",
  ref: "/internal/refs",
} as const;

/** `GET …/internal/events?after=&limit=&run=` */
export type EventsPage = {
  epoch: string;
  head: number;
  first: number;
  /** seq the page reaches: the next `after`; with `run` it may lie beyond the last event returned */
  last: number;
  events: { seq: number; at: string; type: string }[];
  more: boolean;
};
/** `GET …/internal/state` */
export type StatePage<S = unknown> = { epoch: string; seq: number; state: S };

/** Claims of a run token: what a run may do at the api until its fence is raised. */
export const runTokenClaims = z.object({
  run: id,
  agent: id,
  lane: id.optional(),
  company: id,
  runner: id,
  generation: z.number().int(),
  fence: z.number().int(),
  expiresAt: z.number(),
});
export type RunTokenClaims = z.infer<typeof runTokenClaims>;

// ── api <-> runner: the control socket, `/internal/runner` ───────────────────────────────────────────────────────────

export const runnerFrame = z.discriminatedUnion("type", [
  z.object({ type: z.literal("hello"), runner: id, slots: z.number().int().min(1), sandbox: z.string(), running: z.array(id) }),
  z.object({ type: z.literal("accepted"), run: id, fence: z.number().int() }),
  z.object({ type: z.literal("refused"), run: id, fence: z.number().int() }),
  z.object({ type: z.literal("finished"), run: id, fence: z.number().int() }),
  z.object({ type: z.literal("beat") }),
]);
export type RunnerFrame = z.infer<typeof runnerFrame>;

export type RunnerCommand = {
  type: "start";
  run: string;
  /** whose workspace it is: of a run in a lane, the lane's */
  agent: string;
  company: string;
  generation: number;
  fence: number;
  token: string;
  /** where the feeder connects, `ws://…/parties/agent/<room>` */
  feeder: string;
};

/** Address of a room on the rooms' loopback port. */
export function roomPath(party: Party, room: string): string {
  return `/parties/${party === "company" ? "main" : party}/${encodeURIComponent(room)}`;
}
