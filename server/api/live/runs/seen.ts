/** Runs as the caller of a route may see them. */
import { laneOf } from "../../../../party/protocol/lanes.ts";
import { type AppContext, identityOf, membershipOf } from "../../context.ts";
import { notFound } from "../../errors.ts";
import { canSeeSession } from "../sessions/visible.ts";
import { type FoundRun, findRun, type RunSeeker } from "./find.ts";

export function seekerOf(c: AppContext): RunSeeker {
  return { company: membershipOf(c).company, user: identityOf(c).user.id };
}

/** @throws 404 for runs of other companies and of other people's conversations too */
export async function requireRun(c: AppContext, run: string): Promise<FoundRun> {
  const { read, rooms } = c.get("services");
  const found = await findRun(read, rooms, seekerOf(c), run);
  if (!found) throw notFound();
  return found;
}

/** True while the caller's proof and membership still stand. One query, and it touches no answer that is on its way. */
async function stillMember(c: AppContext): Promise<boolean> {
  const { read, clock } = c.get("services");
  const { user, via } = identityOf(c);
  const now = new Date(clock.now()).toISOString();
  const proof =
    via.kind === "session"
      ? { sql: "SELECT 1 FROM auth_sessions WHERE id_hash = ? AND expires_at > ?", args: [via.idHash, now] }
      : { sql: "SELECT 1 FROM api_keys WHERE id = ?", args: [via.id] };
  const { rows } = await read.execute({
    sql: `SELECT 1 FROM members WHERE company = ? AND user = ? AND removed_at IS NULL AND EXISTS (${proof.sql})`,
    args: [membershipOf(c).company, user.id, ...proof.args],
  });
  return rows.length > 0;
}

/** True while the caller may still see a run that is on its way to them. */
export async function stillSees(c: AppContext, { room }: FoundRun): Promise<boolean> {
  if (!(await stillMember(c))) return false;
  const { company, user } = seekerOf(c);
  const lane = laneOf(room);
  return lane === undefined || canSeeSession(c.get("services").read, company, user, lane.session);
}
