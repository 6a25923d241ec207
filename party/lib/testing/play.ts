/** Plays a core without a shell: decisions are applied to its state as the room would, and each step is checked. */
import { expect } from "vitest";
import type { Context, CoreInput, Decided, Outgoing, PrivateRows, Refused, RoomCore } from "../core.ts";

type Stamped<E> = E & { seq: number; at: string };

export class Play<S, P extends PrivateRows, E extends { type: string }> {
  readonly #core: RoomCore<S, P, E>;
  readonly #room: string;
  #ids = 0;
  state: S;
  priv: P;
  /** ms since the epoch, by the room's clock */
  now = Date.UTC(2026, 0, 1);
  readonly events: Stamped<E>[] = [];
  readonly out: Outgoing[] = [];
  /** what the newest decision did; undefined after a refusal */
  last: Decided<E, P> | undefined;

  constructor(core: RoomCore<S, P, E>, room: string) {
    this.#core = core;
    this.#room = room;
    this.state = core.empty;
    this.priv = core.emptyPriv;
  }

  /** Lets the core decide. @returns the refusal, or undefined */
  take(input: CoreInput): Refused | undefined {
    const before = JSON.stringify([this.state, this.priv]);
    const decision = this.#core.decide(this.state, this.priv, input, this.#context());
    // A core is pure: the state it was given is as it was.
    expect(JSON.stringify([this.state, this.priv])).toBe(before);
    this.last = undefined;
    if (!decision.ok) return decision;
    this.last = decision;
    const at = new Date(this.now).toISOString();
    for (const event of decision.events) {
      const stamped = { ...event, seq: this.events.length + 1, at };
      this.events.push(stamped);
      this.state = this.#core.evolve(this.state, stamped);
    }
    if (decision.priv) this.priv = decision.priv;
    this.out.push(...(decision.out ?? []));
    // What the room keeps must survive a restart as it is.
    expect(JSON.parse(JSON.stringify(this.priv))).toEqual(stripped(this.priv));
    return undefined;
  }

  /** The same for something that must not be refused. */
  do(input: CoreInput): Decided<E, P> {
    const refused = this.take(input);
    if (refused) throw new Error(`${refused.code}: ${refused.message}`);
    if (!this.last) throw new Error("nothing was decided");
    return this.last;
  }

  /** Lets time pass; the room's clock ticks when something is due. */
  wait(ms: number): void {
    const until = this.now + ms;
    for (;;) {
      const due = this.#core.due(this.state, this.priv);
      if (due === undefined || due > until) break;
      this.now = Math.max(this.now + 1, due);
      this.do({ kind: "tick" });
    }
    this.now = Math.max(this.now, until);
  }

  /** The room forgets everything but what it stored. */
  restart(): void {
    this.priv = JSON.parse(JSON.stringify(this.priv));
    this.state = this.events.reduce(
      (state, event) => this.#core.evolve(state, JSON.parse(JSON.stringify(event))),
      this.#core.empty,
    );
    this.do({ kind: "started" });
  }

  ofType<T extends E["type"]>(type: T): Extract<Stamped<E>, { type: T }>[] {
    return this.events.filter((event): event is Extract<Stamped<E>, { type: T }> => event.type === type);
  }

  /** Messages to other rooms of one kind, oldest first. */
  said<K extends Outgoing["message"]["kind"]>(kind: K): Extract<Outgoing["message"], { kind: K }>[] {
    return this.out
      .map(({ message }) => message)
      .filter((message): message is Extract<Outgoing["message"], { kind: K }> => message.kind === kind);
  }

  #context(): Context {
    return {
      now: this.now,
      room: this.#room,
      head: this.events.length,
      newId: (prefix) => {
        this.#ids += 1;
        return `${prefix}_${String(this.#ids).padStart(26, "0")}`;
      },
    };
  }
}

/** Without fields that are undefined: JSON drops them, and nobody can tell. */
function stripped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stripped);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, stripped(item)]),
  );
}
