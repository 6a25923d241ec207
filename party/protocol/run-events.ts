/**
 * The events of a run, one vocabulary for every runtime. A durable event gets `seq` and `at` from the agent's room and is
 * stored before anyone sees it; a live item has neither and may be dropped, because a later durable event carries the whole.
 */
import { z } from "zod";
import { actorRef, attachments, longText, microUsd, risk, runError, subject, usage } from "./common.ts";

const id = z.string().min(1).max(64);
/** Fields of every event of a run; the room adds seq and at. */
const base = {
  v: z.literal(1),
  run: id,
  turn: z.number().int().optional(),
  parent: id.optional(),
  src: z.object({ runtime: z.string().max(40) }),
};

export const RUN_STATES = ["queued", "running", "waiting", "retrying", "paused", "compacting", "ended"] as const;
export const OUTCOMES = ["done", "aborted", "failed", "budget", "limit", "declined", "interrupted"] as const;
export type Outcome = (typeof OUTCOMES)[number];
export const BLOCK_KINDS = ["text", "thinking", "tool_input"] as const;
/** How a cost was found: the provider said so, from a price list, or not at all; then the cost is no less than what is known. */
export const COST_BASES = ["reported", "list", "unknown"] as const;
export type CostBasis = (typeof COST_BASES)[number];
export const EFFECTS = ["none", "done", "unknown"] as const;
export const DECISIONS = ["allow", "deny", "edit", "expired", "superseded"] as const;

const quorum = z.object({ need: z.number().int().min(1) });
const vote = z.object({
  by: actorRef,
  decision: z.enum(["allow", "deny", "edit"]),
  at: z.string(),
  note: z.string().max(2_000).optional(),
});
export type Vote = z.infer<typeof vote>;
export { quorum as quorumShape, vote as voteShape };

export const fileChange = z.object({
  path: z.string().max(4_096),
  op: z.enum(["added", "changed", "removed"]),
  added: z.number().int().nonnegative(),
  removed: z.number().int().nonnegative(),
});

/** Durable events, as a runner or the room makes them. */
export const runEvent = z.discriminatedUnion("type", [
  z.object({
    ...base,
    type: z.literal("run.queued"),
    title: z.string().max(200),
    source: z.string().max(40),
    reason: z.string().max(500),
    by: actorRef,
    subject,
    linked: id.optional(),
  }),
  z.object({
    ...base,
    type: z.literal("run.started"),
    runtime: z.string(),
    model: z.string(),
    tools: z.array(z.string()),
    skills: z.array(z.string()),
    mcp: z.array(z.string()),
    cwd: z.string(),
    attempt: z.number().int().min(1),
    /** n of (generation, n) */
    fence: z.number().int(),
    sandbox: z.string(),
  }),
  z.object({
    ...base,
    type: z.literal("run.state"),
    state: z.enum(["running", "waiting", "retrying", "paused", "compacting"]),
    why: z.string().max(500),
    until: z.string().optional(),
  }),
  z.object({
    ...base,
    type: z.literal("run.ended"),
    outcome: z.enum(OUTCOMES),
    text: longText.optional(),
    error: runError.optional(),
    usage,
    cost: microUsd,
    basis: z.enum(COST_BASES).optional(),
    ms: z.number().int().nonnegative(),
    by: actorRef.optional(),
  }),
  z.object({ ...base, type: z.literal("turn.started"), model: z.string() }),
  z.object({
    ...base,
    type: z.literal("turn.ended"),
    stop: z.enum(["end", "tools", "length", "refusal", "aborted", "error"]),
    usage,
    cost: microUsd,
    basis: z.enum(COST_BASES).optional(),
    ttftMs: z.number().int().nonnegative().optional(),
  }),
  z.object({
    ...base,
    type: z.literal("message.user"),
    by: actorRef,
    text: longText,
    via: z.enum(["prompt", "steer", "followup", "channel"]),
    attachments: attachments.optional(),
  }),
  z.object({ ...base, type: z.literal("block.started"), block: id, kind: z.enum(BLOCK_KINDS) }),
  z.object({
    ...base,
    type: z.literal("block.ended"),
    block: id,
    kind: z.enum(BLOCK_KINDS),
    text: longText,
    void: z.boolean().optional(),
  }),
  z.object({
    ...base,
    type: z.literal("tool.called"),
    call: id,
    name: z.string().max(100),
    origin: z.enum(["native", "mcp", "skill", "harness", "client"]),
    /** canonical JSON of the arguments */
    input: longText,
    policy: z.enum(["auto", "ask", "deny"]),
    risk,
  }),
  z.object({
    ...base,
    type: z.literal("tool.ended"),
    call: id,
    ok: z.boolean(),
    output: longText,
    ms: z.number().int().nonnegative(),
    effect: z.enum(EFFECTS),
  }),
  z.object({
    ...base,
    type: z.literal("approval.asked"),
    approval: id,
    call: id,
    digest: z.string().length(64),
    risk,
    quorum,
    expiresAt: z.string(),
    question: z.string().max(500),
    note: z.string().max(500).optional(),
  }),
  z.object({
    ...base,
    type: z.literal("approval.decided"),
    approval: id,
    call: id,
    decision: z.enum(DECISIONS),
    by: z.array(vote),
  }),
  z.object({
    ...base,
    type: z.literal("question.asked"),
    question: id,
    text: z.string().max(4_000),
    options: z.array(z.string().max(200)).max(20),
  }),
  z.object({ ...base, type: z.literal("question.answered"), question: id, by: actorRef, value: z.string().max(16_000) }),
  z.object({ ...base, type: z.literal("steer.queued"), steer: id, by: actorRef, text: longText }),
  z.object({ ...base, type: z.literal("steer.seen"), steer: id }),
  z.object({ ...base, type: z.literal("steer.applied"), steer: id }),
  z.object({ ...base, type: z.literal("steer.dropped"), steer: id, why: z.string().max(300) }),
  z.object({ ...base, type: z.literal("agent.spawned"), child: id, prompt: longText }),
  z.object({ ...base, type: z.literal("agent.ended"), child: id, ok: z.boolean(), summary: longText, usage }),
  z.object({
    ...base,
    type: z.literal("plan.changed"),
    items: z.array(z.object({ text: z.string().max(500), state: z.enum(["todo", "live", "done", "skipped"]) })).max(100),
  }),
  z.object({ ...base, type: z.literal("file.changed"), call: id.optional(), ...fileChange.shape, ref: z.string().optional() }),
  z.object({
    ...base,
    type: z.literal("artifact.added"),
    artifact: id,
    mime: z.string(),
    bytes: z.number().int(),
    ref: z.string(),
  }),
  z.object({
    ...base,
    type: z.literal("usage"),
    model: z.string(),
    usage,
    cost: microUsd,
    basis: z.enum(COST_BASES),
  }),
  z.object({ ...base, type: z.literal("limit"), kind: z.string().max(40), used: z.number(), cap: z.number() }),
  z.object({ ...base, type: z.literal("retry"), attempt: z.number().int(), delayMs: z.number().int(), code: z.string().max(64) }),
  z.object({ ...base, type: z.literal("compaction"), before: z.number().int(), after: z.number().int() }),
  z.object({ ...base, type: z.literal("voice.state"), state: z.enum(["listening", "speaking", "interrupted"]) }),
  z.object({ ...base, type: z.literal("voice.said"), who: z.string().max(200), text: longText, final: z.boolean() }),
  z.object({ ...base, type: z.literal("log"), level: z.enum(["info", "warn", "error"]), text: longText }),
]);
export type RunEvent = z.infer<typeof runEvent>;
export type RunEventType = RunEvent["type"];

/** Live items of a run. A `block.delta` says at which character it starts, so a late joiner sees what is missing. */
export const runLive = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("block.delta"),
    run: id,
    block: id,
    kind: z.enum(BLOCK_KINDS),
    offset: z.number().int().nonnegative(),
    text: z.string(),
  }),
  z.object({
    type: z.literal("tool.progress"),
    run: id,
    call: id,
    text: z.string(),
    percent: z.number().min(0).max(100).optional(),
  }),
  z.object({ type: z.literal("voice.audio"), run: id, n: z.number().int(), rate: z.number().int(), data: z.string() }),
]);
export type RunLive = z.infer<typeof runLive>;

/** What a room adds to each durable event: its place in the room's log and the room's time (ISO 8601 UTC). */
export type Stamped<E> = E & { seq: number; at: string };
