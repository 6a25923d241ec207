/**
 * The durable log of a room: contiguous `seq`, stored as chunks of newline-separated event JSON. The newest chunk is
 * rewritten with each append and therefore kept small; closed chunks are never touched again until they are pruned.
 */
import { LIMITS } from "../protocol/limits.ts";
import type { RoomStorage } from "./ports.ts";
import { type Batch, padded } from "./store.ts";

const PREFIX = "log:";
const keyOf = (seq: number): string => PREFIX + padded(seq);
const seqOf = (key: string): number => Number(key.slice(PREFIX.length));
/** Chunks read at once: half a catch-up page of full tail chunks. */
const READ_CHUNKS = 16;

export type LogEvent = { seq: number; at: string; type: string };

/** A slice of the log: event texts exactly as sent to viewers. */
export type LogPage = { first: number; last: number; texts: string[]; bytes: number };

export class EventLog {
  readonly #storage: RoomStorage;
  /** seq of the newest event; 0 before the first */
  head = 0;
  /** seq of the oldest event kept; head + 1 when none is */
  first = 1;
  /** seq below which no viewer goes on from the log: events up to it hold words that were taken back */
  floor = 0;
  #tailFirst = 1;
  #tail: string[] = [];
  #tailBytes = 0;

  constructor(storage: RoomStorage) {
    this.#storage = storage;
  }

  /** Finds both ends of the log. Call once, before anything else. */
  async open(headWhenEmpty: number): Promise<void> {
    const [newest] = await this.#storage.list<string>({ prefix: PREFIX, reverse: true, limit: 1 });
    const [oldest] = await this.#storage.list<string>({ prefix: PREFIX, limit: 1 });
    if (!newest || !oldest) {
      this.head = headWhenEmpty;
      this.first = headWhenEmpty + 1;
      this.#startChunk();
      return;
    }
    this.#tailFirst = seqOf(newest[0]);
    this.#tail = newest[1].split("\n");
    this.#tailBytes = newest[1].length;
    this.head = this.#tailFirst + this.#tail.length - 1;
    this.first = seqOf(oldest[0]);
  }

  /** Adds event texts whose seqs follow the head. The rows go into the turn's batch. */
  append(batch: Batch, texts: string[]): void {
    // A chunk that was full before this turn is on disk as it is.
    let changed = false;
    for (const text of texts) {
      if (this.#tail.length > 0 && this.#tailBytes + text.length > LIMITS.tailChunkBytes) {
        if (changed) batch.put(keyOf(this.#tailFirst), this.#tail.join("\n"));
        this.#startChunk();
      }
      this.#tail.push(text);
      this.#tailBytes += text.length + 1;
      this.head += 1;
      changed = true;
    }
    if (changed) batch.put(keyOf(this.#tailFirst), this.#tail.join("\n"));
  }

  /** Events after `after`, oldest first, at most about `maxBytes` and `maxEvents`, at least one when there is one. */
  async read(after: number, maxBytes: number, maxEvents = Number.POSITIVE_INFINITY): Promise<LogPage> {
    const page: LogPage = { first: after + 1, last: after, texts: [], bytes: 0 };
    if (after >= this.head) return page;
    let start = await this.#chunkOf(after + 1);
    while (start !== undefined) {
      const chunks = await this.#storage.list<string>({ prefix: PREFIX, start: keyOf(start), limit: READ_CHUNKS });
      start = undefined;
      for (const [key, text] of chunks) {
        let seq = seqOf(key);
        for (const event of text.split("\n")) {
          if (seq > page.last) {
            const full = page.texts.length > 0 && (page.bytes + event.length > maxBytes || page.texts.length >= maxEvents);
            if (full) return page;
            if (page.texts.length === 0) page.first = seq;
            page.texts.push(event);
            page.bytes += event.length + 1;
            page.last = seq;
          }
          seq += 1;
        }
        if (page.last < this.head) start = page.last + 1;
      }
      if (page.last >= this.head || chunks.size < READ_CHUNKS) return page;
    }
    return page;
  }

  /** Bytes after `after`, counted until they exceed `limit`. */
  async bytesAfter(after: number, limit: number): Promise<number> {
    if (after >= this.head) return 0;
    let bytes = 0;
    let start: number | undefined = await this.#chunkOf(after + 1);
    while (start !== undefined && bytes <= limit) {
      const chunks: Map<string, string> = await this.#storage.list<string>({ prefix: PREFIX, start: keyOf(start), limit: 128 });
      let next: number | undefined;
      for (const [key, text] of chunks) {
        bytes += text.length + 1;
        next = seqOf(key) + 1;
      }
      start = chunks.size === 128 ? next : undefined;
    }
    return bytes;
  }

  /** The oldest chunk, when it is not the newest: what pruning looks at. */
  async oldestChunk(): Promise<{ first: number; last: number; at: string; bytes: number } | undefined> {
    const [oldest] = await this.#storage.list<string>({ prefix: PREFIX, limit: 1 });
    if (!oldest || seqOf(oldest[0]) === this.#tailFirst) return undefined;
    const events = oldest[1].split("\n");
    const last = seqOf(oldest[0]) + events.length - 1;
    const newest: LogEvent = JSON.parse(events.at(-1) ?? "{}");
    return { first: seqOf(oldest[0]), last, at: newest.at, bytes: oldest[1].length + 1 };
  }

  dropChunk(batch: Batch, chunk: { first: number; last: number }): void {
    batch.delete(keyOf(chunk.first));
    this.first = chunk.last + 1;
  }

  /** Drops every event and goes on after `head`. The rows go into the batch. */
  async restart(batch: Batch, head: number): Promise<void> {
    for (const key of (await this.#storage.list({ prefix: PREFIX })).keys()) batch.delete(key);
    this.head = head;
    this.first = head + 1;
    this.#startChunk();
  }

  /** First seq of the chunk that holds `seq`, or of the oldest chunk kept. */
  async #chunkOf(seq: number): Promise<number | undefined> {
    if (seq >= this.#tailFirst) return this.#tailFirst;
    const [before] = await this.#storage.list<string>({ prefix: PREFIX, end: keyOf(seq + 1), reverse: true, limit: 1 });
    if (before) return seqOf(before[0]);
    const [oldest] = await this.#storage.list<string>({ prefix: PREFIX, limit: 1 });
    return oldest ? seqOf(oldest[0]) : undefined;
  }

  #startChunk(): void {
    this.#tailFirst = this.head + 1;
    this.#tail = [];
    this.#tailBytes = 0;
  }
}
