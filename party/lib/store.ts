/**
 * Rows of a room. One turn collects its writes in a `Batch` and hands them over without an `await` between them, so the
 * host commits them together; its output gate then holds every frame of the turn until they are on disk.
 */
import type { RoomStorage } from "./ports.ts";

/** Characters of one row's text: 100 KB hold 45,000 characters even when each takes two bytes. */
const PART_CHARS = 45_000;
/** Keys per put and per delete. Source: Durable Objects storage limits. */
const MAX_KEYS = 128;

export class Batch {
  readonly #puts = new Map<string, unknown>();
  readonly #deletes = new Set<string>();

  put(key: string, value: unknown): void {
    this.#deletes.delete(key);
    this.#puts.set(key, value);
  }

  delete(key: string): void {
    this.#puts.delete(key);
    this.#deletes.add(key);
  }

  /** Stores a JSON value of any size under `key`, split over rows when it is too large for one. */
  putJson(key: string, value: unknown, hadParts: number): number {
    const text = JSON.stringify(value);
    const parts = Math.max(1, Math.ceil(text.length / PART_CHARS));
    if (parts === 1) this.put(key, text);
    else {
      this.put(key, parts);
      for (let part = 0; part < parts; part++) this.put(`${key}/${part}`, text.slice(part * PART_CHARS, (part + 1) * PART_CHARS));
    }
    for (let part = parts === 1 ? 0 : parts; part < hadParts; part++) this.delete(`${key}/${part}`);
    return parts === 1 ? 0 : parts;
  }

  deleteJson(key: string, hadParts: number): void {
    this.delete(key);
    for (let part = 0; part < hadParts; part++) this.delete(`${key}/${part}`);
  }

  get empty(): boolean {
    return this.#puts.size === 0 && this.#deletes.size === 0;
  }

  /** Hands all writes to the storage in one turn. The promise resolves when they are on disk. */
  commit(storage: RoomStorage): Promise<unknown> {
    const writes: Promise<unknown>[] = [];
    const puts = [...this.#puts];
    for (let i = 0; i < puts.length; i += MAX_KEYS) writes.push(storage.put(Object.fromEntries(puts.slice(i, i + MAX_KEYS))));
    const deletes = [...this.#deletes];
    for (let i = 0; i < deletes.length; i += MAX_KEYS) writes.push(storage.delete(deletes.slice(i, i + MAX_KEYS)));
    return Promise.all(writes);
  }
}

/** JSON rows under one prefix, with the number of parts each is split into. */
export type JsonRows = Map<string, { value: unknown; parts: number }>;

/** Reads all JSON rows under a prefix, joining the parts. */
export async function readJsonRows(storage: RoomStorage, prefix: string): Promise<JsonRows> {
  const raw = await storage.list<string | number>({ prefix });
  const rows: JsonRows = new Map();
  for (const [key, value] of raw) {
    if (key.includes("/")) continue;
    if (typeof value === "string") rows.set(key, { value: JSON.parse(value), parts: 0 });
    else {
      let text = "";
      for (let part = 0; part < value; part++) text += raw.get(`${key}/${part}`) ?? "";
      rows.set(key, { value: JSON.parse(text), parts: value });
    }
  }
  return rows;
}

/** Sorts as its number does. */
export function padded(n: number): string {
  return String(n).padStart(14, "0");
}
