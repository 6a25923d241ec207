/** One decision of the company's core under construction: events are folded as they are emitted. */

import type { Context, Decided, Outgoing } from "../lib/core.ts";
import type { ActorRef } from "../protocol/common.ts";
import type { CompanyEvent, CompanyState } from "../protocol/company.ts";
import { evolveCompany } from "../protocol/company-state.ts";
import type { RoomMessage } from "../protocol/internal.ts";
import type { Party } from "../protocol/tickets.ts";
import type { CompanyMain, CompanyPrivate } from "./private.ts";

type Result = Decided<CompanyEvent, CompanyPrivate>;

export class Turn {
  readonly context: Context;
  state: CompanyState;
  priv: CompanyPrivate;
  readonly #before: CompanyPrivate;
  readonly #events: CompanyEvent[] = [];
  readonly #out: Outgoing[] = [];
  readonly #live: object[] = [];
  readonly #close: NonNullable<Result["close"]> = [];
  roles: Result["roles"];
  result: Record<string, unknown> | undefined;
  purge: true | undefined;

  constructor(state: CompanyState, priv: CompanyPrivate, context: Context) {
    this.state = state;
    this.priv = priv;
    this.#before = priv;
    this.context = context;
  }

  get now(): number {
    return this.context.now;
  }

  get main(): CompanyMain {
    return this.priv.main;
  }

  setMain(change: Partial<CompanyMain>): void {
    this.priv = { main: { ...this.priv.main, ...change } };
  }

  emit(event: CompanyEvent): void {
    this.#events.push(event);
    this.state = evolveCompany(this.state, { ...event, seq: 0, at: new Date(this.now).toISOString() });
  }

  activity(by: ActorRef, text: string, where: { agent?: string; run?: string } = {}): void {
    this.emit({ type: "activity", entry: { by, text: text.slice(0, 500), ...where } });
  }

  say(party: Party, room: string, message: RoomMessage): void {
    this.#out.push({ party, room, message });
  }

  live(item: object): void {
    this.#live.push(item);
  }

  closePerson(person: string): void {
    this.#close.push({ kind: "person", person });
  }

  closeSession(session: string): void {
    this.#close.push({ kind: "session", session });
  }

  closeAll(): void {
    this.#close.push({ kind: "all" });
  }

  done(): Result {
    return {
      ok: true,
      events: this.#events,
      priv: this.priv === this.#before ? undefined : this.priv,
      out: this.#out,
      live: this.#live,
      close: this.#close,
      roles: this.roles,
      result: this.result,
      purge: this.purge,
    };
  }
}
