/** Members and where they are: a change of rights reaches every room a person is in. */
import type { ActorRef } from "../protocol/common.ts";
import type { CompanyMember } from "../protocol/company.ts";
import type { Role } from "../protocol/roles.ts";
import type { Party } from "../protocol/tickets.ts";
import { endPatternsWithoutRights } from "./patterns.ts";
import type { Turn } from "./turn.ts";

export function memberChanged(turn: Turn, member: CompanyMember, by: ActorRef): void {
  if (outdated(turn, member.id, member.rights)) return;
  turn.emit({ type: "member.changed", member, by });
  setRights(turn, member.id, member.role, member.rights);
}

export function memberRemoved(turn: Turn, gone: { id: string; name: string; rights: number; by: ActorRef }): void {
  if (outdated(turn, gone.id, gone.rights)) return;
  turn.emit({ type: "member.removed", id: gone.id, name: gone.name, rights: gone.rights, by: gone.by });
  setRights(turn, gone.id, null, gone.rights);
}

/** Rights only go forward: a record that was overtaken, by a removal too, changes nothing. */
function outdated(turn: Turn, person: string, rights: number): boolean {
  return rights < (turn.main.rights[person] ?? 0);
}

function setRights(turn: Turn, person: string, role: Role | null, rights: number): void {
  turn.setMain({ rights: { ...turn.main.rights, [person]: rights } });
  endPatternsWithoutRights(turn, person);
  if (role === null) turn.close({ kind: "person", person });
  else turn.roles = [...(turn.roles ?? []), { person, role, rights }];
  for (const place of turn.main.places[person] ?? []) turn.say(place.party, place.room, { kind: "rights", person, role, rights });
}

/** A person's first socket in a room. One with rights older than known is told at once: the ticket was made before. */
export function join(turn: Turn, person: string, rights: number, from: { party: Party; room: string }): void {
  if (from.party === "company") return;
  const place = { party: from.party, room: from.room };
  const places = turn.main.places[person] ?? [];
  if (!places.some((known) => known.room === place.room)) {
    turn.setMain({ places: { ...turn.main.places, [person]: [...places, place] } });
  }
  const known = turn.main.rights[person] ?? 0;
  if (rights < known)
    turn.say(place.party, place.room, { kind: "rights", person, role: turn.state.members[person]?.role ?? null, rights: known });
}

export function leave(turn: Turn, person: string, from: { party: Party; room: string }): void {
  const left = (turn.main.places[person] ?? []).filter((place) => place.room !== from.room);
  const { [person]: _before, ...others } = turn.main.places;
  turn.setMain({ places: left.length > 0 ? { ...others, [person]: left } : others });
}

/** A browser session was signed out: its sockets close wherever they are. */
export function revokeSession(turn: Turn, session: string): void {
  turn.close({ kind: "session", session });
  const rooms = new Map<string, { party: "agent" | "session"; room: string }>();
  for (const places of Object.values(turn.main.places)) for (const place of places) rooms.set(place.room, place);
  for (const place of rooms.values()) turn.say(place.party, place.room, { kind: "session.revoked", session });
}
