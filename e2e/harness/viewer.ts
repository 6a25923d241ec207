/**
 * A viewer of a room outside a browser: the app's own connection on a socket of Node, with a witness beside it that reads
 * every frame as it came and notes what breaks the promises: a gap, a repeat, a reset nobody expected.
 */
import { randomUUID } from "node:crypto";
import { WebSocket } from "ws";
import { CommandRefused } from "../../app/lib/room/frames.ts";
import type { CommandAnswer, CommandOf } from "../../app/lib/room/outbox.ts";
import { RoomSocket } from "../../app/lib/room/room-socket.ts";
import type { RoomStatus } from "../../app/lib/room/status.ts";
import type { RoomDeps, TicketAnswer, Wire, WireEvents } from "../../app/lib/room/wire.ts";
import { EMPTY_AGENT, evolveAgent } from "../../party/protocol/agent-state.ts";
import { EMPTY_COMPANY, evolveCompany } from "../../party/protocol/company-state.ts";
import type { PresenceEntry, RoomTypes } from "../../party/protocol/frames.ts";
import { EMPTY_SESSION, evolveSession } from "../../party/protocol/session-state.ts";
import type { Party } from "../../party/protocol/tickets.ts";
import { type ApiClient, ApiRefused } from "./api-client.ts";
import { until } from "./until.ts";
import { Witness } from "./witness.ts";

type Reducers = {
  [P in Party]: {
    empty: RoomTypes[P]["state"];
    evolve(state: RoomTypes[P]["state"], event: RoomTypes[P]["event"]): RoomTypes[P]["state"];
  };
};
/** The reducers the rooms and the app share. */
const REDUCERS: Reducers = {
  company: { empty: EMPTY_COMPANY, evolve: evolveCompany },
  agent: { empty: EMPTY_AGENT, evolve: evolveAgent },
  session: { empty: EMPTY_SESSION, evolve: evolveSession },
};

export type ViewerOptions<P extends Party> = {
  /** [0, 1), for the back-off */
  random?: () => number;
  /** `off` for load: frames are neither witnessed nor kept nor folded */
  record?: "all" | "off";
  /** called with events and live items as they arrive */
  events?(events: readonly RoomTypes[P]["event"][]): void;
  live?(items: readonly RoomTypes[P]["live"][]): void;
};

export class Viewer<P extends Party> {
  readonly party: P;
  readonly room: string;
  readonly witness = new Witness();
  state: RoomTypes[P]["state"];
  people: readonly PresenceEntry[] = [];
  status: RoomStatus = { kind: "idle" };
  /** seq of the newest event this viewer has */
  seq = 0;
  /** events received since it was made */
  received = 0;
  /** times it became live */
  arrivals = 0;
  /** close codes, in their order */
  readonly closes: number[] = [];
  /** HTTP statuses of upgrades that were refused */
  readonly refusals: number[] = [];
  #socket: RoomSocket<P>;
  #client: ApiClient;
  #wire: WebSocket | undefined;
  #offline = false;
  readonly #options: ViewerOptions<P>;

  constructor(client: ApiClient, party: P, room: string, options: ViewerOptions<P> = {}) {
    this.party = party;
    this.room = room;
    this.#client = client;
    this.#options = options;
    this.state = REDUCERS[party].empty;
    this.#socket = this.#connection();
  }

  /** Connects; from now on it comes back by itself whenever it is cut off. */
  start(): this {
    this.#socket.start();
    return this;
  }

  /** Connects and waits until it has everything. */
  async join(withinMs = 10_000): Promise<this> {
    this.start();
    await this.untilLive(withinMs);
    return this;
  }

  async untilLive(withinMs = 10_000): Promise<void> {
    await until(`${this} to be live`, () => this.status.kind === "live", withinMs);
  }

  /** Waits until it has the event with this seq. */
  async untilSeq(seq: number, withinMs = 10_000): Promise<void> {
    await until(`${this} to reach seq ${seq}`, () => this.seq >= seq, withinMs);
  }

  /**
   * Asks the room to do something, as soon as there is a connection. The answer may come after several reconnects.
   * @throws {CommandRefused} when the room says no
   */
  async command(command: CommandOf<P>, withinMs = 30_000): Promise<CommandAnswer> {
    for (;;) {
      await this.untilLive(withinMs);
      try {
        return await this.#socket.command(command);
      } catch (error) {
        // Nothing was sent: the connection went between our look and the command.
        if (!(error instanceof CommandRefused && error.code === "offline")) throw error;
      }
    }
  }

  /** Loses the network without a word and gets none until `goOnline`. */
  goOffline(): void {
    this.#offline = true;
    this.#wire?.terminate();
  }

  /** Has a network again, and tries at once with the cursor it has. */
  goOnline(): void {
    this.#offline = false;
    this.#socket.nudge();
  }

  /** Goes on at another address, with the same cursor: the instance was started again there. */
  move(client: ApiClient): void {
    this.#client = client;
    this.#socket.nudge();
  }

  stop(): void {
    this.#socket.stop();
  }

  toString(): string {
    return `a viewer of ${this.party} ${this.room} (${this.status.kind}, seq ${this.seq}, closes ${this.closes.join(" ")})`;
  }

  #connection(): RoomSocket<P> {
    const { events, live, random = Math.random, record = "all" } = this.#options;
    const { evolve }: Reducers[P] = REDUCERS[this.party];
    const deps: RoomDeps = {
      ticket: (party, room) => this.#ticket(party, room),
      open: (url, wire) => this.#open(url, wire, record === "all"),
      now: () => Date.now(),
      after: (ms, run) => {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
      random,
      commandId: randomUUID,
    };
    return new RoomSocket(this.party, this.room, deps, {
      status: (status) => {
        this.status = status;
        if (status.kind === "live") this.arrivals += 1;
      },
      reset: (state, seq) => {
        this.state = state;
        this.seq = seq;
      },
      events: (batch) => {
        if (record === "all") for (const event of batch) this.state = evolve(this.state, event);
        this.seq = batch.at(-1)?.seq ?? this.seq;
        this.received += batch.length;
        events?.(batch);
      },
      live: (items) => live?.(items),
      presence: (people) => {
        this.people = people;
      },
      hello: () => undefined,
    });
  }

  async #ticket(party: Party, room: string): Promise<TicketAnswer> {
    if (this.#offline) return { kind: "later" };
    try {
      return { kind: "ticket", ...(await this.#client.ticket(party, room)) };
    } catch (error) {
      if (error instanceof ApiRefused && error.status === 401) return { kind: "signed_out" };
      if (error instanceof ApiRefused && error.status === 404) return { kind: "not_found" };
      return { kind: "later" };
    }
  }

  #open(url: string, events: WireEvents, witnessed: boolean): Wire {
    const socket = new WebSocket(url, { perMessageDeflate: false, handshakeTimeout: 8_000 });
    this.#wire = socket;
    socket.on("open", () => events.opened());
    socket.on("message", (data) => {
      const text = String(data);
      if (witnessed) this.witness.saw(text);
      events.message(text);
    });
    socket.on("unexpected-response", (_request, response) => {
      this.refusals.push(response.statusCode ?? 0);
      socket.terminate();
    });
    // Its close event follows and says the same.
    socket.on("error", () => undefined);
    socket.on("close", (code) => {
      this.closes.push(code);
      events.closed(code);
    });
    return {
      send: (text) => {
        if (socket.readyState === WebSocket.OPEN) socket.send(text);
      },
      close: (code, reason) => socket.close(code, reason),
    };
  }
}

/** Joins several viewers and waits until all of them are live. */
export async function joinAll<P extends Party>(viewers: readonly Viewer<P>[], withinMs = 20_000): Promise<void> {
  await Promise.all(viewers.map((viewer) => viewer.join(withinMs)));
}
