import { EMPTY_AGENT, evolveAgent } from "../../../party/protocol/agent-state.ts";
import type { CompanyLive, CompanyState } from "../../../party/protocol/company.ts";
import { EMPTY_COMPANY, evolveCompany } from "../../../party/protocol/company-state.ts";
import { EMPTY_SESSION, evolveSession } from "../../../party/protocol/session-state.ts";
import type { Party } from "../../../party/protocol/tickets.ts";
import { requestTicket } from "../api.ts";
import { newUuid } from "../uuid.ts";
import { onNextFrame } from "./frame-loop.ts";
import { addOpen, settleOpen } from "./open-items.ts";
import { type RoomReducer, RoomStore } from "./room-store.ts";
import { openWire, type RoomDeps } from "./wire.ts";

/** ms a room stays connected after its last screen has gone: moving between screens does not reconnect */
const LINGER_MS = 10_000;

const deps: RoomDeps = {
  ticket: requestTicket,
  open: openWire,
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
  commandId: newUuid,
};

/** A moving line of the Floor: shown until the next durable state of that agent. */
function showDoing(state: CompanyState, item: CompanyLive): CompanyState {
  if (item.type !== "agent.doing") return state;
  const entry = item.type === "agent.doing" ? state.roster[item.agent] : undefined;
  if (!entry || item.type !== "agent.doing") return state;
  return { ...state, roster: { ...state.roster, [item.agent]: { ...entry, doing: item.doing, call: item.call } } };
}

const companyReducer: RoomReducer<"company"> = { empty: EMPTY_COMPANY, evolve: evolveCompany, live: showDoing };
const agentReducer: RoomReducer<"agent"> = {
  empty: EMPTY_AGENT,
  evolve: evolveAgent,
  open: { add: addOpen, settle: settleOpen },
};
const sessionReducer: RoomReducer<"session"> = { empty: EMPTY_SESSION, evolve: evolveSession };

interface Held<P extends Party> {
  store: RoomStore<P>;
  users: number;
  linger: ReturnType<typeof setTimeout> | undefined;
}

/** The rooms of one kind that this page is in. */
class Rooms<P extends Party> {
  readonly #party: P;
  readonly #reducer: RoomReducer<P>;
  readonly #held = new Map<string, Held<P>>();

  constructor(party: P, reducer: RoomReducer<P>) {
    this.#party = party;
    this.#reducer = reducer;
  }

  /** The store of a room, connected from its first `hold`. */
  get(room: string): RoomStore<P> {
    return this.#of(room).store;
  }

  /** Keeps a room connected until the returned function is called. */
  hold(room: string): () => void {
    const held = this.#of(room);
    clearTimeout(held.linger);
    held.users++;
    held.store.start();
    return () => {
      held.users--;
      // After a sign-out the room may be held anew under the same name.
      if (held.users > 0 || this.#held.get(room) !== held) return;
      held.linger = setTimeout(() => {
        this.#held.delete(room);
        held.store.stop();
      }, LINGER_MS);
    };
  }

  nudgeAll(): void {
    for (const { store } of this.#held.values()) store.nudge();
  }

  /** Leaves every room: the person signed out. */
  leaveAll(): void {
    for (const { store, linger } of this.#held.values()) {
      clearTimeout(linger);
      store.stop();
    }
    this.#held.clear();
  }

  #of(room: string): Held<P> {
    const known = this.#held.get(room);
    if (known) return known;
    const held: Held<P> = {
      store: new RoomStore(this.#party, room, deps, this.#reducer, onNextFrame),
      users: 0,
      linger: undefined,
    };
    this.#held.set(room, held);
    return held;
  }
}

export const rooms: { readonly [P in Party]: Rooms<P> } = {
  company: new Rooms("company", companyReducer),
  agent: new Rooms("agent", agentReducer),
  session: new Rooms("session", sessionReducer),
};

/** Tries every waiting room and doubts every live one: the network came or went, or the person looks at the page again. */
export function nudgeRooms(): void {
  for (const party of Object.values(rooms)) party.nudgeAll();
}

export function leaveRooms(): void {
  for (const party of Object.values(rooms)) party.leaveAll();
}
