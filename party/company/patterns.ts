/**
 * Allows that count again. They live in the room's log like everything else: given with a decision, used in the open, and
 * ended by a person, by time, by the end of their run, or with the rights of whoever gave them. The rights are looked at
 * again at every use, and once more before the effect (execution.ts).
 */

import { type Refused, refuse } from "../lib/core.ts";
import type { Actor, ActorRef } from "../protocol/common.ts";
import type { Approval } from "../protocol/company.ts";
import { covers, whyNoPatternFor, whyOnlyOnce } from "../protocol/consent/cover.ts";
import type { PatternEnd, Remember, RememberedPattern } from "../protocol/consent/schema.ts";
import { patternWords } from "../protocol/consent/suggest.ts";
import { LIMITS } from "../protocol/limits.ts";
import { atLeast, RISK_ROLE } from "../protocol/roles.ts";
import type { Decide } from "./approvals.ts";
import { refOf, SYSTEM, type Turn } from "./turn.ts";

const DAY_MS = 24 * 3_600_000;

/** Refuses what cannot be remembered before anything is decided. An allow "for the run" that cannot be is one for once. */
export function whyNotRemember(turn: Turn, approval: Approval, { decision, remember: how }: Decide): Refused | undefined {
  if (how === undefined || how === "once") return undefined;
  const only = whyOnlyOnce(approval, turn.state.config);
  if (how !== "run") {
    if (decision !== "allow") return refuse("invalid", "Only an allow can be remembered.");
    if (only) return refuse("invalid", only);
    const { tool, cwd, input, risk } = approval;
    if (typeof input !== "string") return refuse("invalid", "The arguments are too long to remember.");
    const why = whyNoPatternFor({ tool, cwd, input }, risk);
    if (why) return refuse("invalid", why);
    if (!covers(how.pattern, { tool, cwd, input })) return refuse("invalid", "That pattern does not cover this call.");
  }
  if (!only && Object.keys(turn.state.patterns).length >= LIMITS.patterns)
    return refuse("too_many", `${LIMITS.patterns} patterns are remembered already. Revoke one that is not needed any more.`);
  return undefined;
}

/** Remembers what came with a decision that allowed the call. @returns the new pattern */
export function remember(turn: Turn, approval: Approval, by: ActorRef, how: Remember | undefined): RememberedPattern | undefined {
  if (how === undefined || how === "once" || whyOnlyOnce(approval, turn.state.config)) return undefined;
  const { agent, agentName, tool, risk, cwd, run, runTitle } = approval;
  const pattern: RememberedPattern = {
    id: turn.context.newId("pat"),
    agent,
    agentName,
    tool,
    risk,
    cwd,
    pattern: how === "run" ? null : how.pattern,
    scope:
      how !== "run" && "days" in how
        ? { kind: "days", expiresAt: new Date(turn.now + how.days * DAY_MS).toISOString() }
        : { kind: "run", run, runTitle },
    by,
    at: turn.at,
    approval: approval.id,
    uses: 0,
  };
  turn.emit({ type: "pattern.remembered", pattern });
  const words = patternWords(pattern.pattern);
  const long = how === "run" || "scope" in how ? `in ${runTitle}` : `for ${how.days} ${how.days === 1 ? "day" : "days"}`;
  turn.activity(by, `lets ${agentName} use ${tool} unasked ${long}: ${words}`, { agent, run });
  return pattern;
}

/** The remembered pattern that allows an ask. @param input its arguments in full */
export function coveringPattern(turn: Turn, ask: Approval, input: string): RememberedPattern | undefined {
  if (whyOnlyOnce(ask, turn.state.config)) return undefined;
  return Object.values(turn.state.patterns).find(
    (known) =>
      known.agent === ask.agent &&
      known.tool === ask.tool &&
      known.risk === ask.risk &&
      known.cwd === ask.cwd &&
      stillCounts(turn, known, ask.run) &&
      (known.pattern === null || covers(known.pattern, { tool: ask.tool, input, cwd: ask.cwd })),
  );
}

function stillCounts(turn: Turn, { scope, by, risk }: RememberedPattern, run: string): boolean {
  const member = turn.state.members[by.id];
  if (!member || !atLeast(member.role, RISK_ROLE[risk])) return false;
  return scope.kind === "run" ? scope.run === run : Date.parse(scope.expiresAt) > turn.now;
}

/** What a vote that a pattern cast says to people and to the model. */
export function patternNote({ by, pattern, scope }: RememberedPattern): string {
  const long = scope.kind === "run" ? "for this run" : `until ${scope.expiresAt.slice(0, 10)}`;
  return `Not asked again: ${by.name} allowed this ${long}. Pattern: ${patternWords(pattern)}`.slice(0, 500);
}

export function countUse(turn: Turn, { id }: RememberedPattern, approval: string): void {
  turn.emit({ type: "pattern.used", pattern: id, approval });
}

export function revokePattern(turn: Turn, actor: Actor, id: string): Refused | undefined {
  const pattern = turn.state.patterns[id];
  if (!pattern) return refuse("not_found", "There is no such pattern. It may have ended already.");
  const { agent, agentName, tool } = pattern;
  end(turn, pattern, "revoked", refOf(actor));
  turn.activity(refOf(actor), `has ${agentName} ask again before ${tool}: ${patternWords(pattern.pattern)}`, { agent });
  return undefined;
}

/** Patterns whose days are over. */
export function expirePatterns(turn: Turn): void {
  endWhere(turn, "expired", ({ scope }) => scope.kind === "days" && Date.parse(scope.expiresAt) <= turn.now);
}

export function endPatternsOfRun(turn: Turn, run: string): void {
  endWhere(turn, "run_ended", ({ scope }) => scope.kind === "run" && scope.run === run);
}

export function endPatternsOfAgent(turn: Turn, agent: string): void {
  endWhere(turn, "agent_gone", (pattern) => pattern.agent === agent);
}

/** A person's role changed, or was taken away: what they may not allow any more does not count any more. */
export function endPatternsWithoutRights(turn: Turn, person: string): void {
  const role = turn.state.members[person]?.role;
  endWhere(turn, "rights", ({ by, risk }) => by.id === person && !(role && atLeast(role, RISK_ROLE[risk])));
}

function endWhere(turn: Turn, why: PatternEnd, which: (pattern: RememberedPattern) => boolean): void {
  for (const pattern of Object.values(turn.state.patterns)) if (which(pattern)) end(turn, pattern, why, SYSTEM);
}

function end(turn: Turn, { id }: RememberedPattern, why: PatternEnd, by: ActorRef): void {
  turn.emit({ type: "pattern.ended", pattern: id, why, by });
}

export function nextPatternExpiry(patterns: RememberedPattern[]): number | undefined {
  const due = patterns.flatMap(({ scope }) => (scope.kind === "days" ? [Date.parse(scope.expiresAt)] : []));
  return due.length === 0 ? undefined : Math.min(...due);
}
