/** The links of all rooms: one each, a bounded number of sockets, the least recently used idle one gives way. */
import type { Logger } from "pino";
import { roomPath, SOCKET_KIND_HEADER } from "../../../party/protocol/internal.ts";
import { signRequest } from "../../../party/protocol/sign.ts";
import type { Party } from "../../../party/protocol/tickets.ts";
import { Link } from "./link.ts";
import type { Outgoing } from "./link-queue.ts";

/** sockets; each costs the rooms two descriptors and keeps its room awake */
const MAX_OPEN = 500;
/** ms between housekeeping rounds: the grain of expiry and idle closing */
const TICK_MS = 250;

export type RoomAddress = { party: Party; room: string };

export function roomKey({ party, room }: RoomAddress): string {
  return `${party}/${room}`;
}

export type LinkPoolOptions = {
  /** `ws://…` of the rooms' loopback port, without a path */
  url: string;
  secret: string;
  log: Logger;
  now?: () => number;
  maxOpen?: number;
};

export class LinkPool {
  readonly #options: LinkPoolOptions;
  readonly #now: () => number;
  readonly #links = new Map<string, Link>();
  /** links that hold a socket, and those waiting for one in order */
  readonly #held = new Set<Link>();
  readonly #queued = new Set<Link>();
  readonly #ticker: NodeJS.Timeout;

  constructor(options: LinkPoolOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#ticker = setInterval(() => this.tick(), TICK_MS);
    this.#ticker.unref();
  }

  get open(): number {
    return this.#held.size;
  }

  /** Items that no room has answered yet. */
  get waiting(): number {
    let sum = 0;
    for (const link of this.#links.values()) sum += link.waiting;
    return sum;
  }

  push(address: RoomAddress, entry: Outgoing): void {
    this.#link(address).push(entry);
  }

  #link(address: RoomAddress): Link {
    const key = roomKey(address);
    const known = this.#links.get(key);
    if (known) return known;
    const path = roomPath(address.party, address.room);
    const link = new Link({
      url: this.#options.url + path,
      headers: () => ({
        ...signRequest(this.#options.secret, "GET", path, "", this.#now()),
        [SOCKET_KIND_HEADER]: "link",
      }),
      log: this.#options.log,
      now: this.#now,
      acquire: (asking) => this.#acquire(asking),
      release: (done) => this.#release(done),
      rested: (rested) => {
        if (this.#queued.size > 0) rested.evict();
      },
      opened: (opened) => this.#opened(opened),
    });
    this.#links.set(key, link);
    return link;
  }

  #acquire(link: Link): boolean {
    if (this.#held.size >= (this.#options.maxOpen ?? MAX_OPEN)) this.#leastRecentlyUsed()?.evict();
    if (this.#held.size >= (this.#options.maxOpen ?? MAX_OPEN)) {
      this.#queued.add(link);
      return false;
    }
    this.#queued.delete(link);
    this.#held.add(link);
    return true;
  }

  #leastRecentlyUsed(): Link | undefined {
    let oldest: Link | undefined;
    for (const link of this.#held) if (link.idle && (!oldest || link.usedAt < oldest.usedAt)) oldest = link;
    return oldest;
  }

  #release(link: Link): void {
    this.#held.delete(link);
    const [next] = this.#queued;
    if (!next || next === link) return;
    this.#queued.delete(next);
    setImmediate(() => next.proceed());
  }

  /** Rooms are there: whoever backs off need not wait any longer. */
  #opened(opened: Link): void {
    for (const link of this.#links.values()) if (link !== opened && link.backingOff) link.proceed();
  }

  /** Housekeeping of every link; runs by itself. */
  tick(): void {
    const now = this.#now();
    for (const [key, link] of this.#links) {
      link.tick(now);
      if (link.spent) this.#links.delete(key);
    }
    if (this.#queued.size > 0) this.#leastRecentlyUsed()?.evict();
  }

  close(): void {
    clearInterval(this.#ticker);
    this.#queued.clear();
    for (const link of this.#links.values()) link.end();
    this.#links.clear();
  }
}
