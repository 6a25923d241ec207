/** What people let agents do again without being asked: the shapes on the wire. What they cover is in cover.ts. */
import { z } from "zod";
import { actorRef, risk } from "../common.ts";
import { LIMITS } from "../limits.ts";

const id = z.string().min(1).max(64);

/** What one argument of a call may be. */
export const argumentPattern = z.discriminatedUnion("kind", [
  /** this value and no other, as canonical JSON */
  z.object({ kind: z.literal("exact"), json: z.string().min(1).max(LIMITS.patternBytes) }),
  /** a command line that begins with these words; the shell's `command` only */
  z.object({ kind: z.literal("words"), words: z.array(z.string().min(1).max(200)).min(1).max(20) }),
  /** a file below this folder of the workspace, `docs/drafts`; `path` of the file tools only */
  z.object({ kind: z.literal("folder"), folder: z.string().min(1).max(500) }),
  /** a text that begins so; never for the shell and the file tools */
  z.object({ kind: z.literal("prefix"), text: z.string().min(1).max(500) }),
]);
export type ArgumentPattern = z.infer<typeof argumentPattern>;

/** What a call may be, argument by argument. */
export const callPattern = z
  .record(z.string().min(1).max(100), argumentPattern)
  .refine((pattern) => JSON.stringify(pattern).length <= LIMITS.patternBytes, "is too long to remember");
export type CallPattern = z.infer<typeof callPattern>;

/**
 * How long a decision counts: for this call, for every call of this tool in this run, or for calls that a pattern covers,
 * in this run or for some days.
 */
export const remember = z.union([
  z.enum(["once", "run"]),
  z.strictObject({ pattern: callPattern, scope: z.literal("run") }),
  z.strictObject({ pattern: callPattern, days: z.number().int().min(1).max(LIMITS.patternDays) }),
]);
export type Remember = z.infer<typeof remember>;

/** An allow that counts again. It is bound to the agent, the tool, its risk and its folder as they were when it was given. */
export const rememberedPattern = z.object({
  id,
  agent: id,
  agentName: z.string(),
  tool: z.string(),
  risk,
  cwd: z.string(),
  /** null: every call of the tool, which only a run may be given */
  pattern: callPattern.nullable(),
  scope: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("run"), run: id, runTitle: z.string() }),
    z.object({ kind: z.literal("days"), expiresAt: z.string() }),
  ]),
  by: actorRef,
  at: z.string(),
  /** the approval it was given on */
  approval: id,
  uses: z.number().int().nonnegative(),
  lastUsedAt: z.string().optional(),
});
export type RememberedPattern = z.infer<typeof rememberedPattern>;

/** Why a pattern does not count any more. */
export const PATTERN_ENDS = ["revoked", "expired", "run_ended", "rights", "agent_gone"] as const;
export type PatternEnd = (typeof PATTERN_ENDS)[number];

/** A decision that waits a moment before it counts, so that it can be taken back. */
export const heldDecision = z.object({
  by: actorRef,
  decision: z.enum(["allow", "deny", "edit"]),
  at: z.string(),
  /** when it counts, unless it was taken back */
  until: z.string(),
});
export type HeldDecision = z.infer<typeof heldDecision>;
