/** What of a company's room belongs into the audit: what people and agents did there, and every decision. */
import type { ActivityEntry } from "../../../../db/audit.ts";
import type { ActorRef } from "../../../../party/protocol/common.ts";
import type { CompanyEvent } from "../../../../party/protocol/company.ts";
import type { Stamped, Vote } from "../../../../party/protocol/run-events.ts";

/** Who acts when nobody did: an expiry, a lost lease. */
const ROOM: ActorRef = { id: "room", name: "Atrium", kind: "system" };

/** The entry an event makes in its company's chain; undefined for what is no one's act. */
export function auditEntry(company: string, event: Stamped<CompanyEvent>): ActivityEntry | undefined {
  const entry = (actor: ActorRef, action: string, subject: ActivityEntry["subject"], data: Record<string, unknown>) => ({
    chain: company,
    actor,
    action,
    subject,
    data: { ...data, seq: event.seq, at: event.at },
  });
  switch (event.type) {
    case "activity": {
      const { by, text, agent, run } = event.entry;
      const subject = run ? { kind: "run", id: run } : agent ? { kind: "agent", id: agent } : { kind: "company", id: company };
      return entry(by, "room.activity", subject, { text });
    }
    case "approval.decided": {
      const votes = event.by.map(({ by, decision, note }: Vote) => ({ by: by.id, decision, note }));
      return entry(event.by.at(-1)?.by ?? ROOM, "approval.decided", subjectOf(event.approval), {
        decision: event.decision,
        votes,
      });
    }
    case "approval.edited":
      return entry(event.by, "approval.edited", subjectOf(event.approval), { version: event.version, digest: event.digest });
    case "approval.state":
      return entry(ROOM, "approval.state", subjectOf(event.approval), { state: event.state, why: event.why });
    case "everything.stopped":
      return entry(event.by, "everything.stopped", { kind: "company", id: company }, {});
    default:
      return undefined;
  }
}

function subjectOf(approval: string): ActivityEntry["subject"] {
  return { kind: "approval", id: approval };
}
