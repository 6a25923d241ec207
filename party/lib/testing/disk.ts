/**
 * A room's storage in memory that can crash between two turns, with the host's own rules: reads see every write at once,
 * a turn's writes reach the disk together, and what was not on disk is gone after a crash.
 */
import type { RoomStorage } from "../ports.ts";

/** Keys of one put, get or delete. Source: Durable Objects storage limits. */
const MAX_KEYS = 128;
/** bytes of one value on hosts whose objects are not backed by SQLite */
const MAX_VALUE = 128 * 1_024;

type Write = { key: string; value: unknown } | { key: string; gone: true } | { alarm: number | undefined };

/** The writes of one turn, to be put on disk together. */
export type TurnWrites = readonly Write[];

/** What is on disk: it outlives every crash. */
export class Disk {
  rows = new Map<string, unknown>();
  alarm: number | undefined;

  /** Puts the writes of a turn on disk. */
  commit(writes: TurnWrites): void {
    for (const write of writes) {
      if ("alarm" in write) this.alarm = write.alarm;
      else if ("gone" in write) this.rows.delete(write.key);
      else this.rows.set(write.key, write.value);
    }
  }
}

/** The storage of a room's life between two crashes. */
export class TurnStorage implements RoomStorage {
  readonly #rows: Map<string, unknown>;
  /** keys in order, rebuilt when one came or went */
  #keys: string[] | undefined;
  #writes: Write[] = [];
  alarm: number | undefined;

  constructor(disk: Disk) {
    this.#rows = new Map(disk.rows);
    this.alarm = disk.alarm;
  }

  /** Ends the turn: its writes, to be handed to the disk, or to be lost. */
  endTurn(): TurnWrites {
    const writes = this.#writes;
    this.#writes = [];
    return writes;
  }

  async get<T>(key: string): Promise<T | undefined> {
    return this.#read<T>(key);
  }

  async getMany<T>(keys: string[]): Promise<Map<string, T>> {
    if (keys.length > MAX_KEYS) throw new Error(`${keys.length} keys in one get`);
    return this.#collect<T>(keys);
  }

  async list<T>(options: {
    prefix?: string;
    start?: string;
    end?: string;
    reverse?: boolean;
    limit?: number;
  }): Promise<Map<string, T>> {
    const { prefix = "", start = "", end, reverse, limit = Number.POSITIVE_INFINITY } = options;
    this.#keys ??= [...this.#rows.keys()].sort();
    const from = prefix > start ? prefix : start;
    const found: string[] = [];
    for (let i = lowerBound(this.#keys, from); i < this.#keys.length; i++) {
      const key = this.#keys[i] ?? "";
      if (!key.startsWith(prefix) || (end !== undefined && key >= end)) break;
      found.push(key);
      if (!reverse && found.length === limit) break;
    }
    if (reverse) found.reverse();
    return this.#collect<T>(found.slice(0, limit));
  }

  async put<T>(entries: Record<string, T>): Promise<void> {
    const rows = Object.entries(entries);
    if (rows.length > MAX_KEYS) throw new Error(`${rows.length} keys in one put`);
    for (const [key, value] of rows) {
      if (sizeOf(value) > MAX_VALUE) throw new Error(`the value of ${key} has ${sizeOf(value)} bytes`);
      const stored = structuredClone(value);
      if (!this.#rows.has(key)) this.#keys = undefined;
      this.#rows.set(key, stored);
      this.#writes.push({ key, value: stored });
    }
  }

  async delete(keys: string[]): Promise<number> {
    if (keys.length > MAX_KEYS) throw new Error(`${keys.length} keys in one delete`);
    let deleted = 0;
    for (const key of keys) {
      if (this.#rows.delete(key)) deleted += 1;
      this.#writes.push({ key, gone: true });
    }
    if (deleted > 0) this.#keys = undefined;
    return deleted;
  }

  async setAlarm(at: number): Promise<void> {
    this.alarm = at;
    this.#writes.push({ alarm: at });
  }

  async deleteAlarm(): Promise<void> {
    this.alarm = undefined;
    this.#writes.push({ alarm: undefined });
  }

  #collect<T>(keys: string[]): Map<string, T> {
    const found = new Map<string, T>();
    for (const key of keys) {
      const value = this.#read<T>(key);
      if (value !== undefined) found.set(key, value);
    }
    return found;
  }

  #read<T>(key: string): T | undefined {
    // What was put under a key is what its reader asks for: the same bargain as with the real storage.
    const value = this.#rows.get(key) as T | undefined;
    return typeof value === "object" ? structuredClone(value) : value;
  }
}

/** Bytes of a value as the host serialises it: one or two a character. */
function sizeOf(value: unknown): number {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0xff) return text.length * 2;
  return text.length;
}

function lowerBound(keys: readonly string[], wanted: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] ?? "") < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
