/**
 * One decision of a core under construction: events are folded as they are emitted, so that later steps see them. Local to
 * a call of `decide`; what it collected leaves as the decision.
 */
import type { RoomMessage } from "../protocol/internal.ts";
import type { Party } from "../protocol/tickets.ts";
import type { Context, Decided, Outgoing } from "./core.ts";

type Close<E, P> = NonNullable<Decided<E, P>["close"]>[number];

export class BaseTurn<S, P, E extends { type: string }> {
  readonly context: Context;
  state: S;
  priv: P;
  readonly #before: P;
  readonly #evolve: (state: S, event: E & { seq: number; at: string }) => S;
  readonly #events: E[] = [];
  readonly #out: Outgoing[] = [];
  readonly #close: Close<E, P>[] = [];
  roles: Decided<E, P>["roles"];
  result: Record<string, unknown> | undefined;
  purge: true | undefined;

  /** @param evolve the room's reducer */
  constructor(state: S, priv: P, context: Context, evolve: (state: S, event: E & { seq: number; at: string }) => S) {
    this.state = state;
    this.priv = priv;
    this.#before = priv;
    this.context = context;
    this.#evolve = evolve;
  }

  get now(): number {
    return this.context.now;
  }

  /** The room stamps the event for good when it stores it; here only its effect on the state counts. */
  emit(event: E): void {
    this.#events.push(event);
    this.state = this.#evolve(this.state, { ...event, seq: 0, at: new Date(this.now).toISOString() });
  }

  say(party: Party, room: string, message: RoomMessage): void {
    this.#out.push({ party, room, message });
  }

  close(what: Close<E, P>): void {
    this.#close.push(what);
  }

  /** What every room's decision has. */
  decided(): Decided<E, P> {
    return {
      ok: true,
      events: this.#events,
      priv: this.priv === this.#before ? undefined : this.priv,
      out: this.#out,
      close: this.#close,
      roles: this.roles,
      result: this.result,
      purge: this.purge,
    };
  }
}
