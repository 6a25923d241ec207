/**
 * Carries committed outbox rows to their rooms, in order, at least once; the room's high-water mark makes it once. The table is
 * the truth: what is in memory is only what is under way, and a new process reads it again from the start.
 */
import type { Logger } from "pino";
import { recordChange } from "../../../party/protocol/internal.ts";
import { backoffMs } from "./backoff.ts";
import { type RoomAddress, roomKey } from "./link-pool.ts";
import type { Outgoing } from "./link-queue.ts";
import type { OutboxRow, OutboxStore } from "./outbox-store.ts";

/** rows of one room in memory; a room that is away leaves the rest in the table */
const ROWS_PER_ROOM = 1_000;
/** rows per read */
const PAGE_ROWS = 500;
/** ms a delivered row waits for others to be deleted with it */
const REMOVE_AFTER_MS = 50;
/** ms between attempts to read a table that does not answer */
const READ_RETRY_MIN_MS = 100;
const READ_RETRY_MAX_MS = 5_000;

/** What a room has not confirmed. `overflowFrom` is the first row left in the table; while it is set, newer rows stay there too. */
type Backlog = { address: RoomAddress; underWay: number; overflowFrom?: number };

export type OutboxPumpOptions = {
  store: OutboxStore;
  log: Logger;
  push(address: RoomAddress, entry: Outgoing): void;
  /** called for each row that a room refused for good */
  buried(row: OutboxRow, code: string): void;
};

export class OutboxPump {
  readonly #options: OutboxPumpOptions;
  readonly #rooms = new Map<string, Backlog>();
  readonly #delivered: number[] = [];
  /** callers that wait for a room to work off what the table still holds */
  readonly #waiters: (() => void)[] = [];
  /** the newest row seen; rows are committed in the order of their ids */
  #seen = 0;
  #dirty = false;
  #reading: Promise<void> | undefined;
  #removing: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: OutboxPumpOptions) {
    this.#options = options;
  }

  /** Rows handed to links and not confirmed yet. */
  get underWay(): number {
    let sum = 0;
    for (const backlog of this.#rooms.values()) sum += backlog.underWay;
    return sum;
  }

  /** Says that rows were committed. Cheap and safe to call after every commit. */
  kick(): void {
    if (this.#stopped) return;
    this.#dirty = true;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
      if (this.#dirty) this.kick();
    });
  }

  /**
   * Resolves when every row of the room that was committed before this call is on the link ahead of whatever is pushed next.
   * Undefined when that is already so: the usual case, without a turn of the event loop.
   */
  ahead(address: RoomAddress): Promise<void> | undefined {
    if (!this.#reading && this.#rooms.get(roomKey(address))?.overflowFrom === undefined) return undefined;
    return this.#caughtUp(address);
  }

  async #caughtUp(address: RoomAddress): Promise<void> {
    while (!this.#stopped) {
      if (this.#reading) await this.#reading;
      else if (this.#rooms.get(roomKey(address))?.overflowFrom === undefined) return;
      else await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  #wake(): void {
    for (const resolve of this.#waiters.splice(0)) resolve();
  }

  /** One reader at a time, so that a page of one room and a page of all rooms cannot cross. */
  async #read(): Promise<void> {
    for (let attempt = 0; !this.#stopped; ) {
      try {
        if (this.#dirty) await this.#readNew();
        const behind = this.#nextBehind();
        if (behind) await this.#readRoom(behind);
        else if (!this.#dirty) return;
        attempt = 0;
      } catch (error) {
        this.#options.log.error({ err: error }, "the outbox could not be read, trying again");
        const wait = backoffMs(attempt++, READ_RETRY_MIN_MS, READ_RETRY_MAX_MS, Math.random());
        await new Promise((resolve) => setTimeout(resolve, wait).unref());
      }
    }
  }

  async #readNew(): Promise<void> {
    this.#dirty = false;
    for (;;) {
      const rows = await this.#options.store.after(this.#seen, PAGE_ROWS).catch((error: unknown) => {
        this.#dirty = true;
        throw error;
      });
      for (const row of rows) {
        this.#seen = row.id;
        const backlog = this.#backlog(row);
        if (backlog.overflowFrom !== undefined) continue;
        if (backlog.underWay >= ROWS_PER_ROOM) backlog.overflowFrom = row.id;
        else this.#deliver(backlog, row);
      }
      if (rows.length < PAGE_ROWS) return;
    }
  }

  /** A room with rows left in the table that has worked off half of what it had. */
  #nextBehind(): Backlog | undefined {
    for (const backlog of this.#rooms.values()) {
      if (backlog.overflowFrom !== undefined && backlog.underWay <= ROWS_PER_ROOM / 2) return backlog;
    }
    return undefined;
  }

  async #readRoom(backlog: Backlog): Promise<void> {
    const from = backlog.overflowFrom;
    if (from === undefined) return;
    const { party, room } = backlog.address;
    const rows = await this.#options.store.ofRoom(party, room, from, PAGE_ROWS);
    // Rows newer than the newest seen belong to the next read of all rooms.
    const known = rows.filter((row) => row.id <= this.#seen);
    for (const row of known) this.#deliver(backlog, row);
    const last = known.at(-1);
    backlog.overflowFrom = known.length === PAGE_ROWS && last ? last.id + 1 : undefined;
    if (backlog.overflowFrom === undefined) this.#wake();
  }

  #backlog(row: OutboxRow): Backlog {
    const address = { party: row.party, room: row.room };
    const key = roomKey(address);
    const known = this.#rooms.get(key);
    if (known) return known;
    const backlog: Backlog = { address, underWay: 0 };
    this.#rooms.set(key, backlog);
    return backlog;
  }

  #deliver(backlog: Backlog, row: OutboxRow): void {
    const change = parseChange(row.payload);
    if (!change) {
      this.#bury(row, "unreadable", "This version does not know what the row says.");
      return;
    }
    backlog.underWay += 1;
    this.#options.push(backlog.address, {
      id: `outbox-${row.generation}-${row.id}`,
      kind: "record",
      body: { op: "record", generation: row.generation, row: row.id, change },
      settle: (answer) => {
        this.#settled(backlog);
        if (answer.ok) this.#remove(row.id);
        else this.#bury(row, answer.code, answer.message);
      },
    });
  }

  #settled(backlog: Backlog): void {
    backlog.underWay -= 1;
    if (backlog.overflowFrom !== undefined) {
      if (backlog.underWay <= ROWS_PER_ROOM / 2) this.kick();
    } else if (backlog.underWay === 0) this.#rooms.delete(roomKey(backlog.address));
  }

  #bury(row: OutboxRow, code: string, message: string): void {
    this.#options.log.error({ row: row.id, party: row.party, room: row.room, code, message }, "a room refused a record for good");
    this.#options.buried(row, code);
    this.#options.store.bury(row, code, message).catch((error: unknown) => {
      // The row stays in the outbox: the next start offers it again and it ends here again.
      this.#options.log.error({ err: error, row: row.id }, "a refused record could not be put aside");
    });
  }

  #remove(id: number): void {
    this.#delivered.push(id);
    this.#removing ??= setTimeout(() => void this.flush(), REMOVE_AFTER_MS).unref();
  }

  /** Deletes what was delivered. A failure costs a second delivery at the next start, nothing else. */
  async flush(): Promise<void> {
    clearTimeout(this.#removing);
    this.#removing = undefined;
    const ids = this.#delivered.splice(0);
    if (ids.length === 0) return;
    await this.#options.store.remove(ids).catch((error: unknown) => {
      this.#options.log.warn({ err: error, rows: ids.length }, "delivered outbox rows could not be deleted");
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake();
    await this.#reading;
    await this.flush();
  }
}

function parseChange(payload: string) {
  try {
    return recordChange.safeParse(JSON.parse(payload)).data;
  } catch {
    return undefined;
  }
}
