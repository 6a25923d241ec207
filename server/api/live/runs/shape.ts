/** A run as REST shows it: the view every viewer of its agent's room has, and whose it is. */
import { z } from "@hono/zod-openapi";
import type { Row, Value } from "@libsql/client/sqlite3";
import type { RunView } from "../../../../party/protocol/agent.ts";
import { actorRef, longText, NO_USAGE, RISKS, runError, subject, usage } from "../../../../party/protocol/common.ts";
import { OUTCOMES, RUN_STATES, voteShape } from "../../../../party/protocol/run-events.ts";
import { id, time } from "../../fields.ts";

const openCall = z.object({
  call: id,
  name: z.string(),
  input: longText,
  policy: z.enum(["auto", "ask", "deny"]),
  risk: z.enum(RISKS),
  at: time,
  approval: z
    .object({
      id,
      digest: z.string(),
      question: z.string(),
      note: z.string().optional(),
      expiresAt: time,
      need: z.number().int(),
      decision: z.string().optional(),
      by: z.array(voteShape),
    })
    .optional(),
});

const steer = z.object({
  id,
  by: actorRef,
  text: longText,
  at: time,
  state: z.enum(["queued", "seen", "applied", "dropped"]),
  why: z.string().optional(),
});

export const runShape = z
  .object({
    id,
    agent: id,
    session: id.optional(),
    title: z.string(),
    state: z.enum(RUN_STATES),
    why: z.string(),
    source: z.string(),
    reason: z.string(),
    by: actorRef,
    subject,
    linked: id.optional(),
    wakes: z.number().int(),
    queuedAt: time,
    startedAt: time.optional(),
    endedAt: time.optional(),
    outcome: z.enum(OUTCOMES).optional(),
    error: runError.optional(),
    text: longText.optional(),
    runtime: z.string().optional(),
    model: z.string().optional(),
    sandbox: z.string().optional(),
    attempt: z.number().int(),
    usage: usage.required(),
    cost: z.number().int().openapi({ description: "micro-USD" }),
    ms: z.number().int().optional(),
    turn: z.number().int(),
    calls: z.array(openCall),
    questions: z.array(z.object({ id, text: z.string(), options: z.array(z.string()) })),
    steers: z.array(steer),
    openBlocks: z.array(z.object({ block: z.string(), kind: z.string() })),
    plan: z.array(z.object({ text: z.string(), state: z.string() })),
    files: z.array(z.object({ path: z.string(), op: z.string(), added: z.number().int(), removed: z.number().int() })),
    firstSeq: z.number().int(),
    lastSeq: z.number().int(),
    stale: z.literal(true).optional().openapi({ description: "the room is away: this is what the archive knows" }),
  })
  .openapi("Run");
export type RunOut = z.infer<typeof runShape>;

/** A live run of an agent. */
export function fromView(agent: string, view: RunView): RunOut {
  return { ...view, agent, session: view.subject.kind === "session" ? view.subject.id : undefined };
}

const text = (value: Value | undefined) => (value === null || value === undefined ? undefined : String(value));

/** A row of the projection; what only a room knows is empty. */
export function fromRow(row: Row): RunOut {
  const error = text(row.error);
  const result = text(row.text);
  return runShape.parse({
    id: row.id,
    agent: row.agent,
    session: text(row.session),
    title: row.title,
    state: row.state,
    why: error === undefined ? "" : runError.parse(JSON.parse(error)).message,
    source: row.source,
    reason: row.reason,
    by: { id: row.by_id, name: row.by_name, kind: row.by_kind },
    subject: JSON.parse(String(row.subject)),
    wakes: 1,
    queuedAt: row.queued_at,
    startedAt: text(row.started_at),
    endedAt: text(row.ended_at),
    outcome: text(row.outcome),
    error: error === undefined ? undefined : JSON.parse(error),
    text: result === undefined ? undefined : JSON.parse(result),
    runtime: text(row.runtime),
    model: text(row.model),
    attempt: row.started_at === null ? 0 : 1,
    usage: {
      ...NO_USAGE,
      input: row.input_tokens,
      output: row.output_tokens,
      cached: row.cached_tokens,
      thinking: row.thinking_tokens,
    },
    cost: row.cost,
    ms: row.ms ?? undefined,
    turn: 0,
    calls: [],
    questions: [],
    steers: [],
    openBlocks: [],
    plan: [],
    files: [],
    firstSeq: row.first_seq,
    lastSeq: row.last_seq,
  });
}
