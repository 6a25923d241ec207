/** The agent room on the wire: its own events, its public state, the shapes of its configuration. */
import { z } from "zod";
import { type ActorRef, actorRef, type LongText, type Risk, type RunError, risk, type Subject, type Usage } from "./common.ts";
import { MODEL_CHOICE_CHARS } from "./model-choice.ts";
import { type CostBasis, type Outcome, type RunEvent, runEvent, type Stamped, type Vote } from "./run-events.ts";

const id = z.string().min(1).max(64);

export const TOOL_PROFILES = ["minimal", "basic", "coding", "messaging", "outside", "full"] as const;

/** Which tools an agent has and when it asks. A rule names a tool or a risk. */
export const toolPolicy = z.object({
  profile: z.enum(TOOL_PROFILES),
  rules: z.record(z.string().max(100), z.enum(["auto", "ask", "deny"])).optional(),
});
export type ToolPolicyConfig = z.infer<typeof toolPolicy>;

/** What an agent's room knows of its configuration; the record in the database is the truth. */
export const agentConfig = z.object({
  id,
  company: id,
  name: z.string().min(1).max(80),
  title: z.string().max(120),
  runtime: z.string().max(40),
  model: z.string().max(MODEL_CHOICE_CHARS),
  instructions: z.string().max(48_000),
  tools: toolPolicy,
  maxConcurrentRuns: z.number().int().min(1).max(10),
  retired: z.boolean(),
});
export type AgentConfig = z.infer<typeof agentConfig>;

/** The part of the configuration that viewers see; instructions are read over REST. */
export const agentPublic = agentConfig.omit({ instructions: true });
export type AgentPublic = z.infer<typeof agentPublic>;

export const pauseReason = z.enum(["manual", "budget", "loop", "error", "stopped"]);
export type PauseReason = z.infer<typeof pauseReason>;

/** Events of the agent's room beside those of its runs. */
export const agentOwnEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("agent.configured"), config: agentPublic }),
  z.object({
    type: z.literal("agent.paused"),
    by: actorRef,
    reason: pauseReason,
    note: z.string().max(500).optional(),
  }),
  z.object({ type: z.literal("agent.resumed"), by: actorRef }),
  z.object({
    type: z.literal("wake.merged"),
    run: id,
    source: z.string(),
    reason: z.string(),
    by: actorRef,
    text: z.string().max(2_000),
  }),
  z.object({ type: z.literal("wake.refused"), source: z.string(), reason: z.string(), by: actorRef, code: z.string() }),
  z.object({ type: z.literal("queue.reordered"), queue: z.array(id), by: actorRef }),
]);
export type AgentOwnEvent = z.infer<typeof agentOwnEvent>;

export const agentEvent = z.union([agentOwnEvent, runEvent]);
export type AgentEvent = AgentOwnEvent | RunEvent;

/** A tool call that has not ended. */
export type OpenCall = {
  call: string;
  name: string;
  input: LongText;
  policy: "auto" | "ask" | "deny";
  risk: Risk;
  at: string;
  approval?: {
    id: string;
    digest: string;
    question: string;
    note?: string;
    expiresAt: string;
    need: number;
    decision?: string;
    by: Vote[];
  };
};

export type Steer = {
  id: string;
  by: ActorRef;
  text: LongText;
  at: string;
  state: "queued" | "seen" | "applied" | "dropped";
  why?: string;
};

export type RunState = "queued" | "running" | "waiting" | "retrying" | "paused" | "compacting" | "ended";

/** A run as every viewer sees it, without its transcript. */
export type RunView = {
  id: string;
  title: string;
  state: RunState;
  /** one plain sentence: what it does or waits for */
  why: string;
  source: string;
  reason: string;
  by: ActorRef;
  subject: Subject;
  linked?: string;
  /** wakes merged into this run before it started, itself included */
  wakes: number;
  queuedAt: string;
  startedAt?: string;
  endedAt?: string;
  outcome?: Outcome;
  error?: RunError;
  text?: LongText;
  runtime?: string;
  model?: string;
  sandbox?: string;
  attempt: number;
  usage: Usage;
  /** micro-USD */
  cost: number;
  /** of the cost; `unknown` when any part of it is: the cost is then no less than what is known */
  basis?: CostBasis;
  ms?: number;
  turn: number;
  calls: OpenCall[];
  questions: { id: string; text: string; options: string[] }[];
  steers: Steer[];
  openBlocks: { block: string; kind: string }[];
  plan: { text: string; state: string }[];
  files: { path: string; op: string; added: number; removed: number }[];
  firstSeq: number;
  lastSeq: number;
};

export type AgentStatus =
  | { kind: "unconfigured" }
  | { kind: "ready" }
  | { kind: "paused"; by: ActorRef; reason: PauseReason; note?: string }
  | { kind: "retired" };

/** Public state of an agent's room: what a snapshot carries and what the events fold into, here and in the app. */
export type AgentState = {
  config?: AgentPublic;
  status: AgentStatus;
  queue: string[];
  /** runs not ended, and the newest ended ones */
  runs: Record<string, RunView>;
  /** ids of ended runs, newest last */
  ended: string[];
};

export type StampedAgentEvent = Stamped<AgentEvent>;

/** What an approval covers, as asked by the agent's room of the company's room. */
export const approvalAsk = z.object({
  approval: id,
  agent: id,
  agentName: z.string().max(80),
  run: id,
  runTitle: z.string().max(200),
  call: id,
  tool: z.string().max(100),
  /** canonical JSON of the arguments, in full */
  input: z.string().max(64_000),
  digest: z.string().length(64),
  risk,
  question: z.string().max(500),
  note: z.string().max(500).optional(),
  cwd: z.string().max(500),
  /** the person whose wake it was; null when no person asked */
  cause: actorRef.nullable(),
  need: z.number().int().min(1),
  /** an allow counts for this call alone: there is no sandbox around it */
  everyTime: z.boolean().optional(),
  expiresAt: z.iso.datetime(),
});
export type ApprovalAsk = z.infer<typeof approvalAsk>;
