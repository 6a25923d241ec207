/** Approvals, folded with the room's own reducer from the events of a company's room. */
import type { Statement } from "../../../../db/write-queue.ts";
import type { Approval, CompanyEvent } from "../../../../party/protocol/company.ts";
import { EMPTY_COMPANY, evolveCompany } from "../../../../party/protocol/company-state.ts";
import type { Stamped } from "../../../../party/protocol/run-events.ts";

/** An approval as stored, and the last event folded into it. */
export type StoredApproval = { approval: Approval; seq: number };

/** The approval an event is about. */
export function approvalOf(event: Stamped<CompanyEvent>): string | undefined {
  if (event.type === "approval.asked") return event.approval.id;
  return "approval" in event ? event.approval : undefined;
}

/** Folds events into the stored approvals; returns those that changed. */
export function foldApprovals(
  stored: ReadonlyMap<string, StoredApproval>,
  events: readonly Stamped<CompanyEvent>[],
): Map<string, StoredApproval> {
  const changed = new Map<string, StoredApproval>();
  for (const event of events) {
    const id = approvalOf(event);
    if (!id) continue;
    const before = changed.get(id) ?? stored.get(id);
    if (before && before.seq >= event.seq) continue;
    const approvals = before ? { [id]: before.approval } : {};
    const after = evolveCompany({ ...EMPTY_COMPANY, approvals }, event).approvals[id];
    if (after) changed.set(id, { approval: after, seq: event.seq });
  }
  return changed;
}

/** Writes a folded approval unless a newer one is there. */
export function approvalStatement(
  { company, lane }: { company: string; lane: string | undefined },
  { approval, seq }: StoredApproval,
): Statement {
  const { id, agent, run, tool, risk, state, version, digest, createdAt, expiresAt, decidedAt } = approval;
  return {
    sql: `INSERT INTO approvals (id, company, agent, lane, run, tool, risk, state, version, digest, created_at, expires_at,
        decided_at, seq, json)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET state = excluded.state, version = excluded.version, digest = excluded.digest,
        expires_at = excluded.expires_at, decided_at = excluded.decided_at, seq = excluded.seq, json = excluded.json
      WHERE excluded.seq > approvals.seq`,
    args: [
      id,
      company,
      agent,
      lane ?? null,
      run,
      tool,
      risk,
      state,
      version,
      digest,
      createdAt,
      expiresAt,
      decidedAt ?? null,
      seq,
      JSON.stringify(approval),
    ],
  };
}
