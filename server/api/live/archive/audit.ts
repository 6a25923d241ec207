/**
 * What of the rooms belongs into the audit. Only typed events: decisions and the brake from the company's room; asks, steering,
 * pauses and ends of runs from the agents' rooms. The activity strip is for people's eyes; most of its sentences tell what an
 * event here or a change of records says already.
 */
import type { ActivityEntry } from "../../../../db/audit.ts";
import type { StampedAgentEvent } from "../../../../party/protocol/agent.ts";
import type { ActorRef } from "../../../../party/protocol/common.ts";
import type { CompanyEvent } from "../../../../party/protocol/company.ts";
import type { Stamped, Vote } from "../../../../party/protocol/run-events.ts";

/** Who acts when nobody did: an expiry, a lost lease. */
const ROOM: ActorRef = { id: "room", name: "Atrium", kind: "system" };

/**
 * The entry an event of a company's room makes in its chain; undefined for what is no one's act.
 * @param hidden it was for a private conversation: that it happened is kept, and nothing that somebody wrote
 */
export function companyAudit(company: string, event: Stamped<CompanyEvent>, hidden = false): ActivityEntry | undefined {
  const entry = entryOf(company, event, hidden);
  switch (event.type) {
    case "approval.decided": {
      const votes = event.by.map(({ by, decision, note }: Vote) => ({ by: by.id, decision, note }));
      return entry(event.by.at(-1)?.by ?? ROOM, event.type, approval(event.approval), { decision: event.decision, votes });
    }
    case "approval.edited":
      return entry(event.by, event.type, approval(event.approval), { version: event.version, digest: event.digest });
    case "approval.state":
      return entry(ROOM, event.type, approval(event.approval), { state: event.state, why: event.why });
    case "approval.withdrawn":
      return entry(event.by, event.type, approval(event.approval), { why: event.why });
    case "pattern.remembered": {
      const { id, by, agent, tool, pattern, scope, approval: given } = event.pattern;
      return entry(by, event.type, { kind: "pattern", id }, { agent, tool, pattern, scope, approval: given });
    }
    case "pattern.used":
      return entry(ROOM, event.type, approval(event.approval), { pattern: event.pattern });
    case "pattern.ended":
      return entry(event.by, event.type, { kind: "pattern", id: event.pattern }, { why: event.why });
    case "question.answered":
      return entry(event.by, event.type, { kind: "question", id: event.question }, {});
    case "everything.stopped":
      return entry(event.by, event.type, { kind: "company", id: company }, {});
    default:
      return undefined;
  }
}

/**
 * The entry an event of an agent's room makes in its company's chain.
 * @param agent who ends a run that nobody ended
 * @param hidden it was for a private conversation
 */
export function agentAudit(
  company: string,
  agent: ActorRef,
  event: StampedAgentEvent,
  hidden = false,
): ActivityEntry | undefined {
  const entry = entryOf(company, event, hidden);
  const itself = { kind: "agent", id: agent.id };
  switch (event.type) {
    case "run.queued":
      return entry(event.by, "run.asked", run(event.run), { agent: agent.id, source: event.source, title: event.title });
    case "wake.merged":
      return entry(event.by, "run.asked", run(event.run), { agent: agent.id, source: event.source, merged: true });
    case "steer.queued":
      return entry(event.by, "run.steered", run(event.run), { agent: agent.id });
    case "run.ended":
      return entry(event.by ?? agent, event.type, run(event.run), { agent: agent.id, outcome: event.outcome, cost: event.cost });
    case "agent.paused":
      // A lane only follows its agent, whose own room says it.
      return hidden ? undefined : entry(event.by, event.type, itself, { reason: event.reason, note: event.note });
    case "agent.resumed":
      return hidden ? undefined : entry(event.by, event.type, itself, {});
    default:
      return undefined;
  }
}

/** Of what happened for a private conversation, the audit of the company keeps these: none holds anybody's words. */
const WITHOUT_WORDS = ["agent", "source", "merged", "outcome", "cost", "decision", "version", "state"];

function entryOf(chain: string, { seq, at }: { seq: number; at: string }, hidden: boolean) {
  return (actor: ActorRef, action: string, subject: ActivityEntry["subject"], data: Record<string, unknown>): ActivityEntry => {
    const kept = hidden ? Object.entries(data).filter(([field]) => WITHOUT_WORDS.includes(field)) : Object.entries(data);
    return {
      chain,
      actor,
      action,
      subject,
      data: { ...Object.fromEntries(kept), ...(hidden ? { private: true } : {}), seq, at },
    };
  };
}

const run = (id: string): ActivityEntry["subject"] => ({ kind: "run", id });
const approval = (id: string): ActivityEntry["subject"] => ({ kind: "approval", id });
