/**
 * Private lanes. What an agent does for a private conversation happens in a room of its own, the agent's lane, and what the
 * company's room would hear of it goes to another one, the conversation's annex. Both run the cores of the rooms they stand
 * for; only the conversation's people may enter a lane, and nobody enters an annex.
 */

/** Between the parts of a room's name; no id contains it, and every path and folder takes it. */
const JOINT = "-";
const LANE = /^((?:ag|co)_[0-9a-z]+)-(ss_[0-9a-z]+)$/;

/** The room of an agent, or of a company, that belongs to one private conversation. */
export function laneRoom(owner: string, session: string): string {
  return owner + JOINT + session;
}

/** Whose room it is and for which conversation; undefined for a room that belongs to none. */
export function laneOf(room: string): { owner: string; session: string } | undefined {
  const [, owner, session] = LANE.exec(room) ?? [];
  return owner && session ? { owner, session } : undefined;
}
