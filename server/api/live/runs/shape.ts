/** A run as REST shows it: the view every viewer of its agent's room has, and whose it is. */
import { z } from "@hono/zod-openapi";
import type { Row } from "@libsql/client/sqlite3";
import type { RunView } from "../../../../party/protocol/agent.ts";
import { actorRef, longText, RISKS, runError, subject, usage } from "../../../../party/protocol/common.ts";
import { COST_BASES, OUTCOMES, RUN_STATES, voteShape } from "../../../../party/protocol/run-events.ts";
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

const runView = z.object({
  id,
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
  basis: z.enum(COST_BASES).optional().openapi({ description: "how the cost was found; unknown: it is no less than that" }),
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
});

export const runShape = runView
  .extend({
    agent: id,
    session: id.optional(),
    lane: id.optional().openapi({ description: "the private conversation it is for: its room is that agent's lane" }),
    stale: z.literal(true).optional().openapi({ description: "the room is away: this is what the archive knows" }),
  })
  .openapi("Run");
export type RunOut = z.infer<typeof runShape>;

/** A run of an agent, as its room shows it. */
export function fromView({ agent, lane }: { agent: string; lane?: string }, view: RunView): RunOut {
  return { ...view, agent, lane, session: view.subject.kind === "session" ? view.subject.id : undefined };
}

/** The view in a row of the archive: the one its room had after the row's last event. */
export function viewOf(row: Row): RunView {
  return runView.parse(JSON.parse(String(row.json)));
}

/** A row of the archive. */
export function fromRow(row: Row): RunOut {
  const lane = typeof row.lane === "string" ? row.lane : undefined;
  return fromView({ agent: String(row.agent), lane }, viewOf(row));
}
