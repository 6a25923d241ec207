/** A turn of the company's core: the activity strip and the Floor's moving lines. */
import type { Context, Decided } from "../lib/core.ts";
import { BaseTurn } from "../lib/turn.ts";
import type { ActorRef } from "../protocol/common.ts";
import type { CompanyEvent, CompanyState } from "../protocol/company.ts";
import { evolveCompany } from "../protocol/company-state.ts";
import type { RoomMessage } from "../protocol/internal.ts";
import { laneOf, laneRoom } from "../protocol/lanes.ts";
import { type CompanyMain, type CompanyPrivate, EMPTY_COMPANY_PRIVATE } from "./private.ts";

export const SYSTEM: ActorRef = { id: "system", name: "Atrium", kind: "system" };

/** A person as events name them, without their rights. */
export const refOf = ({ id, name, kind }: ActorRef): ActorRef => ({ id, name, kind });

export class Turn extends BaseTurn<CompanyState, CompanyPrivate, CompanyEvent> {
  readonly #live: object[] = [];

  constructor(state: CompanyState, priv: CompanyPrivate, context: Context) {
    super(state, priv, context, evolveCompany);
  }

  /** A row that an older version wrote lacks what is new. */
  get main(): CompanyMain {
    return { ...EMPTY_COMPANY_PRIVATE.main, ...this.priv.main };
  }

  /** The time of this turn, ISO 8601 UTC. */
  get at(): string {
    return new Date(this.now).toISOString();
  }

  setMain(change: Partial<CompanyMain>): void {
    this.priv = { main: { ...this.main, ...change } };
  }

  activity(by: ActorRef, text: string, where: { agent?: string; run?: string } = {}): void {
    this.emit({ type: "activity", entry: { by, text: text.slice(0, 500), ...where } });
  }

  /** Says something to an agent: in the annex of a private conversation, to its lane. */
  tellAgent(agent: string, message: RoomMessage): void {
    const annex = laneOf(this.context.room);
    this.say("agent", annex ? laneRoom(agent, annex.session) : agent, message);
  }

  live(item: object): void {
    this.#live.push(item);
  }

  done(): Decided<CompanyEvent, CompanyPrivate> {
    return { ...this.decided(), live: this.#live };
  }
}
