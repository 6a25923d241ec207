import { describeCall } from "../../../party/protocol/agent-state.ts";
import { assertNever } from "../../../party/protocol/assert.ts";
import type { ActorRef } from "../../../party/protocol/common.ts";
import type { CompanyState, RosterEntry } from "../../../party/protocol/company.ts";
import type { HeldDecision } from "../../../party/protocol/consent/schema.ts";
import { atLeast, type Role } from "../../../party/protocol/roles.ts";
import { clock, plural, until } from "../../lib/format.ts";
import { firstName } from "../../lib/identity.ts";
import { inlineOf } from "../../lib/long-text.ts";
import { type Need, openNeeds } from "./needs.ts";
import { whyNotDecide } from "./rights.ts";

/** One thing that waits for a person: an ask, or an agent that does not go on by itself. */
export type TriageItem =
  | Need
  | { kind: "run"; id: string; at: string; held: number; entry: RosterEntry; title: string }
  | { kind: "agent"; id: string; at: undefined; held: number; entry: RosterEntry };

export type Tab = "mine" | "team" | "later";

/** ms that "I am on it" keeps something off the others' lists; then it is everyone's again */
export const CLAIM_MS = 30 * 60_000;
/** ms for which a failure asks to be looked at; later it is history, in the list of runs */
const FAILED_FRESH_MS = 24 * 3_600_000;
/** Pauses that nobody meant: someone has to say whether to go on. */
const UNMEANT_PAUSES: ReadonlySet<string> = new Set(["loop", "budget", "error"]);

/** Everything that waits: what holds up most first, then what has waited longest; failures, which hold nothing up, last. */
export function triageItems(state: CompanyState, now: number): TriageItem[] {
  const agents = Object.values(state.roster);
  const paused = agents
    .filter(({ status, paused: why }) => status !== "retired" && why && UNMEANT_PAUSES.has(why.reason))
    .map((entry): TriageItem => ({ kind: "agent", id: entry.agent, at: undefined, held: entry.queued, entry }));
  const failed = agents.flatMap((entry): TriageItem[] => {
    const { last, status, agent: _agent } = entry;
    if (status !== "failed" || !last || Date.parse(last.endedAt) < now - FAILED_FRESH_MS) return [];
    return [{ kind: "run", id: last.id, at: last.endedAt, held: 0, entry, title: last.title }];
  });
  return [...openNeeds(state), ...paused, ...failed].sort((a, b) => b.held - a.held || (a.at ?? "").localeCompare(b.at ?? ""));
}

/** Who looks after an approval right now, and until when that keeps others away. */
export function claimOf(item: TriageItem, now: number): { by: ActorRef; until: string } | undefined {
  const claim = item.kind === "approval" ? item.approval.claim : undefined;
  const end = claim ? Date.parse(claim.at) + CLAIM_MS : 0;
  return claim && end > now ? { by: claim.by, until: new Date(end).toISOString() } : undefined;
}

export type Mine = { id: string; role: Role };

/** True when this person can do something about it, and nobody else already does. */
function isMine(item: TriageItem, me: Mine, state: CompanyState, now: number): boolean {
  switch (item.kind) {
    case "approval": {
      const other = claimOf(item, now)?.by ?? item.approval.held?.by;
      const why = whyNotDecide(item.approval, me, state.config);
      return (other === undefined || other.id === me.id) && why.allow === undefined;
    }
    case "question":
    case "run":
      return atLeast(me.role, "member");
    case "agent":
      return atLeast(me.role, "operator");
    default:
      return assertNever(item);
  }
}

/**
 * The three lists.
 * @param later what this person has put off, by need: when it comes back
 */
export function triage(
  state: CompanyState,
  me: Mine,
  later: ReadonlyMap<string, string>,
  now: number,
): Record<Tab, TriageItem[]> {
  const items = triageItems(state, now);
  const isLater = ({ id }: TriageItem): boolean => Date.parse(later.get(id) ?? "") > now;
  const team = items.filter((item) => !isLater(item));
  return { mine: team.filter((item) => isMine(item, me, state, now)), team, later: items.filter(isLater) };
}

export function agentNameOf(item: TriageItem): string {
  switch (item.kind) {
    case "approval":
      return item.approval.agentName;
    case "question":
      return item.question.agentName;
    case "run":
    case "agent":
      return item.entry.name;
    default:
      return assertNever(item);
  }
}

/** What is asked, in one line. */
export function askWords(item: TriageItem): string {
  switch (item.kind) {
    case "approval":
      return item.approval.question;
    case "question":
      return item.question.text;
    case "run":
      return `“${item.title}” failed. Try it again?`;
    case "agent":
      return `${item.entry.name} is paused. Let it go on?`;
    default:
      return assertNever(item);
  }
}

/** The call in one line; undefined for what is no call. */
export function callWords(item: TriageItem): string | undefined {
  if (item.kind !== "approval") return undefined;
  return describeCall("", inlineOf(item.approval.input)).trim() || item.approval.tool;
}

/**
 * What it waits for and how long it may, in one line.
 * @param me the person who reads it
 * @param later when it comes back, where they put it off
 */
export function waitWords(item: TriageItem, now: number, me: string, later?: string): string {
  if (later !== undefined) return `Put off, comes back in ${until(later, now)}`;
  switch (item.kind) {
    case "approval": {
      const { approval } = item;
      if (approval.held) return heldWords(approval.held, now, me);
      const claim = claimOf(item, now);
      if (claim) return `${firstName(claim.by.name)} is on it, until ${clock(claim.until).slice(0, 5)}`;
      const votes = approval.need > 1 ? `${approval.votes.length} of ${approval.need} allowed, ` : "";
      return `${votes}${until(approval.expiresAt, now)} left${againWords(approval.reminded?.times)}`;
    }
    case "question":
      return `Question${againWords(item.question.reminded?.times)}`;
    case "run":
      return item.entry.doing || "The run failed";
    case "agent":
      return item.entry.paused?.note ?? "It takes no work until someone resumes it";
    default:
      return assertNever(item);
  }
}

function againWords(times: number | undefined): string {
  return times ? `, asked ${plural(times, "more time", "more times")}` : "";
}

const GOING: Record<"allow" | "deny" | "edit", { they: string; you: string }> = {
  allow: { they: "allows", you: "allow" },
  deny: { they: "denies", you: "deny" },
  edit: { they: "changes and allows", you: "change and allow" },
};

/** "Ana allows this in 4 s", "You allow this in 4 s" */
export function heldWords({ by, decision, until: at }: HeldDecision, now: number, me?: string): string {
  const seconds = Math.max(0, Math.round((Date.parse(at) - now) / 1_000));
  const who = by.id === me ? `You ${GOING[decision].you}` : `${firstName(by.name)} ${GOING[decision].they}`;
  return `${who} this in ${seconds} s`;
}

/** Times at which something put off comes back, in the person's own time zone. */
export function laterChoices(now: number): { id: string; label: string; until: Date }[] {
  const hours = (count: number): Date => new Date(now + count * 3_600_000);
  const morning = (days: number): Date => {
    const date = new Date(now);
    date.setDate(date.getDate() + days);
    date.setHours(8, 0, 0, 0);
    return date;
  };
  const toMonday = (8 - new Date(now).getDay()) % 7 || 7;
  return [
    { id: "hour", label: "In an hour", until: hours(1) },
    { id: "four", label: "In four hours", until: hours(4) },
    { id: "tomorrow", label: "Tomorrow at 8:00", until: morning(1) },
    { id: "monday", label: "Monday at 8:00", until: morning(toMonday) },
  ];
}

/** ms before an ask expires at which it is back at the latest */
const BACK_BEFORE_MS = 3_600_000;

/** When an item comes back: never after it has expired. Undefined where there is no time left to put it off. */
export function comesBack(item: TriageItem, wanted: Date, now: number): string | undefined {
  const end = item.kind === "approval" ? Date.parse(item.approval.expiresAt) - BACK_BEFORE_MS : Number.POSITIVE_INFINITY;
  const at = Math.min(wanted.getTime(), end);
  return at > now ? new Date(at).toISOString() : undefined;
}
