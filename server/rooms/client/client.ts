/**
 * The api's way to rooms. Everything it says to a room goes through one queue behind that room's committed outbox rows, so
 * nothing overtakes the configuration it depends on.
 */
import type { Logger } from "pino";
import type { RoomTypes } from "../../../party/protocol/frames.ts";
import type { EventsPage, OpAnswer, RoomOp, StatePage } from "../../../party/protocol/internal.ts";
import type { Party } from "../../../party/protocol/tickets.ts";
import { LinkPool } from "./link-pool.ts";
import { OutboxPump } from "./outbox-pump.ts";
import type { OutboxRow, OutboxStore } from "./outbox-store.ts";
import { createRoomHttp, type EventsQuery } from "./room-http.ts";

/** ms a caller waits for a room's durable answer, reconnects included */
const ANSWER_MS = 10_000;

export type RoomClient = {
  /**
   * Tells a room something and resolves with its durable answer. Never rejects: rooms that are away answer
   * `rooms_away`, retryable, and a repeat with the same `id` is not done twice.
   */
  send(party: Party, room: string, item: { id: string; body: RoomOp }): Promise<OpAnswer>;
  /** Rows were committed to the outbox. */
  kickOutbox(): void;
  /** Public state of a room; undefined for one that knows nothing. Throws `RoomsAway`. */
  state<P extends Party>(party: P, room: string): Promise<StatePage<RoomTypes[P]["state"]> | undefined>;
  /** Events of a room above a seq. Throws `RoomsAway`. */
  events(party: Party, room: string, query: EventsQuery): Promise<EventsPage>;
  /** A long text behind a reference. Throws `RoomsAway`. */
  ref(party: Party, room: string, ref: string): Promise<string | undefined>;
  /** True when rooms answer. */
  ping(): Promise<boolean>;
  /** Counts for metrics. */
  stats(): { linksOpen: number; unanswered: number; outboxUnderWay: number; outboxBuried: number };
  /** Sends nothing more; rows stay in the table. */
  close(): Promise<void>;
};

export type RoomClientOptions = {
  /** ATRIUM_ROOMS_URL, `http://host:port` */
  url: string;
  /** ATRIUM_ROOMS_SECRET */
  secret: string;
  store: OutboxStore;
  log: Logger;
  now?: () => number;
  /** ms a `send` waits */
  answerMs?: number;
  maxLinks?: number;
};

export function createRoomClient(options: RoomClientOptions): RoomClient {
  const now = options.now ?? Date.now;
  const answerMs = options.answerMs ?? ANSWER_MS;
  const url = options.url.replace(/\/$/, "");
  const http = createRoomHttp(url, options.secret, now);
  const links = new LinkPool({ url, secret: options.secret, log: options.log, now, maxOpen: options.maxLinks });
  let buriedRows = 0;
  const pump = new OutboxPump({
    store: options.store,
    log: options.log,
    push: (address, entry) => links.push(address, entry),
    buried: (_row: OutboxRow) => {
      buriedRows += 1;
    },
  });
  // What an earlier process left behind.
  pump.kick();

  const push = (party: Party, room: string, item: { id: string; body: RoomOp }, deadline: number): Promise<OpAnswer> =>
    new Promise((resolve) => links.push({ party, room }, { ...item, kind: "ask", deadline, settle: resolve }));

  return {
    async send(party, room, item) {
      const deadline = now() + answerMs;
      const ahead = pump.ahead({ party, room });
      if (ahead && !(await within(ahead, answerMs))) return BEHIND;
      return push(party, room, item, deadline);
    },
    kickOutbox: () => pump.kick(),
    state: http.state,
    events: http.events,
    ref: http.ref,
    ping: http.ping,
    stats: () => ({
      linksOpen: links.open,
      unanswered: links.waiting,
      outboxUnderWay: pump.underWay,
      outboxBuried: buriedRows,
    }),
    async close() {
      links.close();
      await pump.stop();
    },
  };
}

const BEHIND: OpAnswer = {
  n: 0,
  ok: false,
  code: "rooms_away",
  message: "This room is still catching up. Try again in a moment.",
  retryable: true,
};

/** False when `ms` pass first. */
function within(work: Promise<void>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    void work.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
