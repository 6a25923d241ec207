import type { PresenceEntry, PresenceUpdate, RoomTypes } from "../../../party/protocol/frames.ts";
import type { Role } from "../../../party/protocol/roles.ts";
import type { Party } from "../../../party/protocol/tickets.ts";
import type { CommandAnswer, CommandOf } from "./outbox.ts";
import { RoomSocket } from "./room-socket.ts";
import type { RoomStatus } from "./status.ts";
import type { RoomDeps } from "./wire.ts";

/** What a screen sees of a room. A new object after every change, so React can compare it. */
export interface RoomView<P extends Party> {
  status: RoomStatus;
  /** absent until the first snapshot */
  state: RoomTypes[P]["state"] | undefined;
  people: readonly PresenceEntry[];
  you: { id: string; role: Role } | undefined;
  /** seq the state stands at */
  seq: number;
  /** ms to add to this device's clock to get the room's */
  clockOffsetMs: number;
}

/** How a room's state follows its events; the durable part is the reducer the room itself uses. */
export interface RoomReducer<P extends Party> {
  empty: RoomTypes[P]["state"];
  evolve(state: RoomTypes[P]["state"], event: RoomTypes[P]["event"]): RoomTypes[P]["state"];
  /** what of the live items belongs into the state until the next durable event */
  live?(state: RoomTypes[P]["state"], item: RoomTypes[P]["live"]): RoomTypes[P]["state"];
  /** live items that somebody who begins to listen later must hear, and the events that take them in */
  open?: {
    add(open: readonly RoomTypes[P]["live"][], item: RoomTypes[P]["live"]): readonly RoomTypes[P]["live"][];
    settle(open: readonly RoomTypes[P]["live"][], event: RoomTypes[P]["event"]): readonly RoomTypes[P]["live"][];
  };
}

/** Who wants the raw stream beside the state: the transcript of a run. */
export interface RoomListener<P extends Party> {
  reset?(): void;
  events?(events: readonly RoomTypes[P]["event"][]): void;
  live?(items: readonly RoomTypes[P]["live"][]): void;
}

/** Calls `run` once, soon: at most one pending call at a time. */
export type Schedule = (run: () => void) => void;

/** A room held in memory: its connection, its state, and who listens. One per room and page. */
export class RoomStore<P extends Party> {
  readonly #socket: RoomSocket<P>;
  readonly #schedule: Schedule;
  readonly #subscribers = new Set<() => void>();
  readonly #listeners = new Set<RoomListener<P>>();
  #view: RoomView<P> = { status: { kind: "idle" }, state: undefined, people: [], you: undefined, seq: 0, clockOffsetMs: 0 };
  #next = this.#view;
  #scheduled = false;
  #open: readonly RoomTypes[P]["live"][] = [];

  constructor(party: P, room: string, deps: RoomDeps, reducer: RoomReducer<P>, schedule: Schedule) {
    this.#schedule = schedule;
    this.#socket = new RoomSocket(party, room, deps, {
      status: (status) => this.#change({ status }),
      hello: (hello) => this.#change({ you: hello.you, clockOffsetMs: Date.parse(hello.now) - deps.now() }),
      presence: (people) => this.#change({ people }),
      reset: (state, seq) => {
        this.#change({ state, seq });
        this.#open = [];
        for (const listener of this.#listeners) listener.reset?.();
      },
      events: (events) => {
        let state = this.#next.state ?? reducer.empty;
        for (const event of events) state = reducer.evolve(state, event);
        this.#change({ state, seq: events.at(-1)?.seq ?? this.#next.seq });
        if (reducer.open) this.#open = events.reduce(reducer.open.settle, this.#open);
        for (const listener of this.#listeners) listener.events?.(events);
      },
      live: (items) => {
        if (reducer.live && this.#next.state) {
          let { state } = this.#next;
          for (const item of items) state = reducer.live(state, item);
          if (state !== this.#next.state) this.#change({ state });
        }
        if (reducer.open) this.#open = items.reduce(reducer.open.add, this.#open);
        for (const listener of this.#listeners) listener.live?.(items);
      },
    });
  }

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#subscribers.add(changed);
    return () => this.#subscribers.delete(changed);
  };

  readonly getView = (): RoomView<P> => this.#view;

  /** Tells a listener everything from now on, after what is open right now. */
  listen(listener: RoomListener<P>): () => void {
    this.#listeners.add(listener);
    if (this.#open.length > 0) listener.live?.(this.#open);
    return () => this.#listeners.delete(listener);
  }

  /** @throws {CommandRefused} see RoomSocket.command */
  readonly command = (command: CommandOf<P>): Promise<CommandAnswer> => this.#socket.command(command);
  readonly present = (update: PresenceUpdate): void => this.#socket.present(update);
  readonly start = (): void => this.#socket.start();
  readonly nudge = (): void => this.#socket.nudge();
  readonly stop = (): void => this.#socket.stop();

  /** Screens hear of changes once per frame, however many frames of the room fell into it. */
  #change(change: Partial<RoomView<P>>): void {
    this.#next = { ...this.#next, ...change };
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(() => {
      this.#scheduled = false;
      this.#view = this.#next;
      for (const changed of this.#subscribers) changed();
    });
  }
}
