/**
 * Who is here: computed from the open sockets, so it cannot drift; never stored. A person with several sockets is one
 * entry. Diffs travel at most every window; a reload within the grace is neither a leave nor a join.
 */
import type { PresenceEntry, PresenceFrame, PresenceUpdate } from "../protocol/frames.ts";
import { LIMITS } from "../protocol/limits.ts";
import type { Role } from "../protocol/roles.ts";
import type { RoomHost, RoomSocket } from "./ports.ts";

type Seat = { person: { id: string; name: string }; role: Role; update: PresenceUpdate };

export class Presence {
  readonly #host: RoomHost;
  readonly #emit: (frame: string) => void;
  readonly #seats = new Map<RoomSocket, Seat>();
  /** people whose last socket closed, until the grace is over */
  readonly #leaving = new Map<string, { entry: PresenceEntry; at: number }>();
  #shown = new Map<string, string>();
  /** the timer that counts, and when it fires; others that are under way do nothing */
  #timer: { at: number } | undefined;
  /** the room has slept: what its viewers show is not known, so they get the whole list */
  #awoken = false;

  constructor(host: RoomHost, emit: (frame: string) => void) {
    this.#host = host;
    this.#emit = emit;
  }

  /** A socket found again after the room slept. */
  restore(socket: RoomSocket, person: { id: string; name: string }, role: Role): void {
    this.#awoken = true;
    this.join(socket, person, role);
  }

  join(socket: RoomSocket, person: { id: string; name: string }, role: Role): void {
    this.#seats.set(socket, { person, role, update: {} });
    this.#leaving.delete(person.id);
    this.#schedule(LIMITS.presenceWindowMs);
  }

  leave(socket: RoomSocket): void {
    const seat = this.#seats.get(socket);
    if (!seat) return;
    const entry = this.#entry(seat.person.id);
    this.#seats.delete(socket);
    if (this.#has(seat.person.id)) this.#schedule(LIMITS.presenceWindowMs);
    else if (entry) {
      this.#leaving.set(seat.person.id, { entry, at: this.#host.now() + LIMITS.presenceGraceMs });
      this.#schedule(LIMITS.presenceGraceMs);
    }
  }

  update(socket: RoomSocket, update: PresenceUpdate): void {
    const seat = this.#seats.get(socket);
    if (!seat) return;
    seat.update = update;
    this.#schedule(LIMITS.presenceWindowMs);
  }

  /** The whole list, for someone who has just come. */
  full(): string {
    const frame: PresenceFrame = { type: "presence", people: [...this.#current().values()] };
    return JSON.stringify(frame);
  }

  #has(person: string): boolean {
    for (const seat of this.#seats.values()) if (seat.person.id === person) return true;
    return false;
  }

  #entry(person: string): PresenceEntry | undefined {
    let entry: PresenceEntry | undefined;
    for (const seat of this.#seats.values()) if (seat.person.id === person) entry = folded(entry, seat);
    return entry;
  }

  /** Everyone, in one pass over the sockets: hundreds come back at once after a restart, and each is greeted with all. */
  #current(): Map<string, PresenceEntry> {
    const people = new Map<string, PresenceEntry>();
    const now = this.#host.now();
    for (const [person, { entry, at }] of this.#leaving) {
      // A grace longer than the grace began before the clock was set back.
      if (at > now && at - now <= LIMITS.presenceGraceMs) people.set(person, entry);
      else this.#leaving.delete(person);
    }
    for (const seat of this.#seats.values()) people.set(seat.person.id, folded(people.get(seat.person.id), seat));
    return people;
  }

  #schedule(ms: number): void {
    const timer = { at: this.#host.now() + ms };
    if (this.#timer && this.#timer.at <= timer.at) return;
    this.#timer = timer;
    this.#host.after(ms, () => {
      // By identity, not by the clock: a clock that jumps back must not silence the timer for good.
      if (this.#timer !== timer) return;
      this.#timer = undefined;
      this.#diff();
    });
  }

  #diff(): void {
    const current = this.#current();
    const join: PresenceEntry[] = [];
    const patch: PresenceEntry[] = [];
    const shown = new Map<string, string>();
    for (const [person, entry] of current) {
      const text = JSON.stringify(entry);
      const before = this.#shown.get(person);
      if (before === undefined) join.push(entry);
      else if (before !== text) patch.push(entry);
      shown.set(person, text);
    }
    const leave = [...this.#shown.keys()].filter((person) => !current.has(person));
    this.#shown = shown;
    if (this.#awoken) {
      this.#awoken = false;
      this.#emit(this.full());
    } else if (join.length + leave.length + patch.length > 0) {
      const frame: PresenceFrame = { type: "presence", join, leave, patch };
      this.#emit(JSON.stringify(frame));
    }
    const next = Math.min(...[...this.#leaving.values()].map(({ at }) => at));
    if (this.#leaving.size > 0) this.#schedule(Math.max(1, next - this.#host.now()));
  }
}

/** A person's entry with one more of their sockets. The newest says what they look at; typing and deciding count from any. */
function folded(entry: PresenceEntry | undefined, { person, role, update }: Seat): PresenceEntry {
  const { device = "desktop", ...rest } = update;
  const devices = entry?.devices ?? [];
  return {
    ...entry,
    ...rest,
    typing: rest.typing || entry?.typing,
    deciding: rest.deciding ?? entry?.deciding,
    id: person.id,
    name: person.name,
    role,
    devices: devices.includes(device) ? devices : [...devices, device],
  };
}
