/** One approval, as its room knows it, or the archive where the room has forgotten it or is away. */
import type { Approval } from "../../../../party/protocol/company.ts";
import { type AppContext, identityOf, membershipOf } from "../../context.ts";
import { notFound, roomsAway } from "../../errors.ts";
import { annexesOf } from "../sessions/visible.ts";
import { archivedApproval, type Seeker } from "./archived.ts";
import { readCompany } from "./read-through.ts";

/** annexes asked for an approval that nobody archived yet */
const ANNEXES_ASKED = 10;

/** `room`: the company's own, or the annex of a private conversation. */
export type FoundApproval = { found: Approval; room: string; stale: boolean };

export function seekerOf(c: AppContext): Seeker {
  return { company: membershipOf(c).company, user: identityOf(c).user.id };
}

/** @throws 404 for approvals of other companies and of other people's conversations too */
export async function requireApproval(c: AppContext, approvalId: string): Promise<FoundApproval> {
  const { read, rooms } = c.get("services");
  const seeker = seekerOf(c);
  const archived = await archivedApproval(read, seeker, approvalId);
  if (archived) {
    const live = await readCompany(rooms, archived.room);
    return { found: live?.approvals[approvalId] ?? archived.approval, room: archived.room, stale: !live };
  }
  // The archive may be a moment behind.
  const places = [seeker.company, ...(await annexesOf(read, seeker.company, seeker.user, ANNEXES_ASKED))];
  const states = await Promise.all(places.map(async (room) => ({ room, live: await readCompany(rooms, room) })));
  for (const { room, live } of states) {
    const found = live?.approvals[approvalId];
    if (found) return { found, room, stale: false };
  }
  // While the room is away, nobody can say that there is no such approval.
  throw states.some(({ live }) => !live) ? roomsAway() : notFound();
}

/** The room that decides on an approval. One that nobody knows is for the company's own room to refuse. */
export async function roomOfApproval(c: AppContext, approvalId: string): Promise<string> {
  const { read, rooms } = c.get("services");
  const seeker = seekerOf(c);
  const archived = await archivedApproval(read, seeker, approvalId);
  if (archived) return archived.room;
  for (const room of await annexesOf(read, seeker.company, seeker.user, ANNEXES_ASKED)) {
    if ((await readCompany(rooms, room))?.approvals[approvalId]) return room;
  }
  return seeker.company;
}
