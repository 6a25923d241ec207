/** A turn of the company's core: the activity strip and the Floor's moving lines. */
import type { Context, Decided } from "../lib/core.ts";
import { BaseTurn } from "../lib/turn.ts";
import type { ActorRef } from "../protocol/common.ts";
import type { CompanyEvent, CompanyState } from "../protocol/company.ts";
import { evolveCompany } from "../protocol/company-state.ts";
import type { CompanyMain, CompanyPrivate } from "./private.ts";

export class Turn extends BaseTurn<CompanyState, CompanyPrivate, CompanyEvent> {
  readonly #live: object[] = [];

  constructor(state: CompanyState, priv: CompanyPrivate, context: Context) {
    super(state, priv, context, evolveCompany);
  }

  get main(): CompanyMain {
    return this.priv.main;
  }

  setMain(change: Partial<CompanyMain>): void {
    this.priv = { main: { ...this.priv.main, ...change } };
  }

  activity(by: ActorRef, text: string, where: { agent?: string; run?: string } = {}): void {
    this.emit({ type: "activity", entry: { by, text: text.slice(0, 500), ...where } });
  }

  live(item: object): void {
    this.#live.push(item);
  }

  done(): Decided<CompanyEvent, CompanyPrivate> {
    return { ...this.decided(), live: this.#live };
  }
}
