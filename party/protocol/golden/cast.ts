/** Who and what the examples are about: a company, its people, an agent and its runs. Every id and time is fixed. */
import type { Actor, ActorRef, Usage } from "../common.ts";
import { type IdPrefix, makeId } from "../ids.ts";
import type { Stamped } from "../run-events.ts";

const START_MS = Date.parse("2026-03-02T09:00:00.000Z");

/** The time of a second of the story, ISO 8601 UTC. */
export function at(second: number): string {
  return new Date(START_MS + second * 1_000).toISOString();
}

/** An id that was made in a second of the story. */
export function idAt(prefix: IdPrefix, second: number): string {
  return makeId(prefix, START_MS + second * 1_000, new Uint8Array(16).fill(second));
}

/**
 * One example of each member of a union, named by the member. What a member can also look like stands under
 * `member/what is different`.
 */
export type OneOfEach<Union, Key extends keyof Union> = {
  [Member in Union[Key] & string]: Extract<Union, Record<Key, Member>>;
} & { [Member in Union[Key] & string as `${Member}/${string}`]: Extract<Union, Record<Key, Member>> };

/** Gives events the places in a room's log in which they stand here. */
export function stamped<E extends object>(events: Readonly<Record<string, E>>): Record<string, Stamped<E>> {
  return Object.fromEntries(Object.entries(events).map(([name, event], n) => [name, { seq: n + 1, at: at(n + 1), ...event }]));
}

export const COMPANY = idAt("co", 0);
export const AGENT = idAt("ag", 0);
/** Another agent, that answers beside Guide. */
export const SCOUT = idAt("ag", 1);
export const SESSION = idAt("ss", 0);
export const RUNNER = idAt("rn", 0);
/** Of every room; made by the room at its first start. */
export const ROOM_EPOCH = "7f3a9c2e51d04b68";
/** Hash of a browser session's id. */
export const BROWSER_SESSION = "2e7d2c03a9507ae265ecf5b5356885a53393a2029d241394997265a1a25aefc6";

export const ada = { id: idAt("u", 0), name: "Ada Brandt", kind: "person" } as const satisfies ActorRef;
export const ben = { id: idAt("u", 1), name: "Ben Okoro", kind: "person" } as const satisfies ActorRef;
export const guide = { id: AGENT, name: "Guide", kind: "agent" } as const satisfies ActorRef;
export const system = { id: "system", name: "Atrium", kind: "system" } as const satisfies ActorRef;
/** Ada as the api vouches for her. */
export const adaActor = { ...ada, role: "owner", rights: 3 } as const satisfies Actor;

/** A run from its wake to its end. */
export const TIDY = { run: idAt("run", 5), title: "Tidy the notes" } as const;
/** A run that waits for a decision. */
export const REPORT = { run: idAt("run", 40), title: "Write the weekly report" } as const;
/** A run that waits in the queue. */
export const BACKUP = { run: idAt("run", 41), title: "Back up the folder" } as const;
/** A run that lost its runner three times. */
export const LOST = { run: idAt("run", 42), title: "Count the words" } as const;
/** A run that a person cancelled. */
export const DROPPED = { run: idAt("run", 43), title: "Rename the drafts" } as const;

export const CWD = "/workspace";
export const usage = { input: 1_204, output: 318, cached: 960, thinking: 42 } as const satisfies Usage;
