import type { Nack, PresenceEntry, PresenceFrame, ServerFrame } from "../../../party/protocol/frames.ts";
import type { Party } from "../../../party/protocol/tickets.ts";

const TYPES: ReadonlySet<string> = new Set(["hello", "snapshot", "events", "live", "presence", "ack", "nack", "digest", "pong"]);

/**
 * Reads one frame of a room. The room is ours, on our own origin, and its version is checked in `hello`; parsing two hundred
 * deltas a second with schemas would cost more than drawing them. So the border asks only: JSON, an object, a known type.
 * A type of a newer room is `undefined` and skipped.
 */
export function readFrame<P extends Party>(text: string): ServerFrame<P> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isFrame<P>(value) ? value : undefined;
}

function isFrame<P extends Party>(value: unknown): value is ServerFrame<P> {
  return (
    typeof value === "object" && value !== null && "type" in value && typeof value.type === "string" && TYPES.has(value.type)
  );
}

/** Applies a presence frame: the whole list, or who came, left and changed. */
export function mergePresence(people: readonly PresenceEntry[], frame: PresenceFrame): PresenceEntry[] {
  if ("people" in frame) return frame.people;
  const gone = new Set(frame.leave ?? []);
  const byId = new Map(people.filter((person) => !gone.has(person.id)).map((person) => [person.id, person]));
  for (const person of [...(frame.join ?? []), ...(frame.patch ?? [])]) byId.set(person.id, person);
  return [...byId.values()];
}

export type Winner = NonNullable<Nack["winner"]>;

/** The room, or the way to it, said no to a command. `message` is one sentence for the person. */
export class CommandRefused extends Error {
  readonly code: string;
  readonly retryable: boolean;
  /** who decided first, when someone did */
  readonly winner: Winner | undefined;

  constructor(nack: Pick<Nack, "code" | "message" | "retryable" | "winner">) {
    super(nack.message);
    this.name = "CommandRefused";
    this.code = nack.code;
    this.retryable = nack.retryable;
    this.winner = nack.winner;
  }
}
