/** One approval, as its room knows it, or the archive where the room has forgotten it or is away. */
import type { Approval } from "../../../../party/protocol/company.ts";
import { type AppContext, membershipOf } from "../../context.ts";
import { notFound, roomsAway } from "../../errors.ts";
import { archivedApproval } from "./archived.ts";
import { readCompany } from "./read-through.ts";

/** @throws 404 for approvals of other companies too */
export async function requireApproval(c: AppContext, approvalId: string): Promise<{ found: Approval; stale: boolean }> {
  const { read, rooms } = c.get("services");
  const { company } = membershipOf(c);
  const live = await readCompany(rooms, company);
  const found = live?.approvals[approvalId] ?? (await archivedApproval(read, company, approvalId));
  // The archive may be a moment behind: while the room is away, nobody can say that there is no such approval.
  if (!found) throw live ? notFound() : roomsAway();
  return { found, stale: !live };
}
