/** What the agent's room answers a feeder, parsed at the border. */
import { z } from "zod";
import { agentConfig } from "../../party/protocol/agent.ts";
import { actorRef, subject } from "../../party/protocol/common.ts";
import { type FeederAnswer, journalEntry, prompt } from "../../party/protocol/internal.ts";
import { DECISIONS } from "../../party/protocol/run-events.ts";

const by = z.array(z.object({ name: z.string() }));
const decision = z.enum(DECISIONS);
const note = z.string().optional();

const standing = z.object({
  call: z.string(),
  policy: z.enum(["auto", "ask", "deny"]),
  approval: z
    .object({ id: z.string(), digest: z.string(), decision: decision.optional(), input: z.string().optional(), by, note })
    .optional(),
  ended: z.boolean(),
});

const run = z.object({
  id: z.string(),
  title: z.string(),
  subject,
  by: actorRef,
  prompts: z.array(prompt),
  attempt: z.number().int(),
  ranMs: z.number(),
});

const answer = z.discriminatedUnion("type", [
  z.object({ type: z.literal("journal"), entries: z.array(journalEntry) }),
  z.object({
    type: z.literal("claimed"),
    fence: z.number().int(),
    last: z.number().int(),
    run,
    config: agentConfig,
    calls: z.array(standing),
    questions: z.array(z.object({ id: z.string(), answer: z.object({ by: actorRef, value: z.string() }).optional() })),
    steers: z.array(z.object({ id: z.string(), by: actorRef, text: z.string() })),
    openBlocks: z.array(z.object({ block: z.string(), kind: z.string() })),
    interrupted: z.boolean(),
  }),
  z.object({ type: z.literal("refused"), code: z.enum(["fenced", "not_found", "ended", "not_ready"]), message: z.string() }),
  z.object({ type: z.literal("ack"), n: z.number().int(), seq: z.number().int() }),
  z.object({ type: z.literal("renewed") }),
  z.object({ type: z.literal("fenced") }),
  z.object({ type: z.literal("nack"), n: z.number().int(), code: z.string(), message: z.string() }),
  z.object({ type: z.literal("steer"), steer: z.string(), by: actorRef, text: z.string() }),
  z.object({
    type: z.literal("decided"),
    call: z.string(),
    approval: z.string(),
    digest: z.string(),
    decision,
    input: z.string().optional(),
    by,
    note,
  }),
  z.object({ type: z.literal("answered"), question: z.string(), by: actorRef, value: z.string() }),
  z.object({ type: z.literal("interrupt"), by: actorRef }),
  z.object({ type: z.literal("cancel"), by: actorRef }),
]);

/** The answer in a frame's text; undefined for what is none. */
export function readAnswer(text: string): FeederAnswer | undefined {
  try {
    return answer.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
