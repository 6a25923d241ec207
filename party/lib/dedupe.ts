/**
 * Once-only: answers of commands by id for 24 h, high-water marks of senders, used tickets. Each is a row written in the
 * turn it belongs to; a sweep removes the old ones.
 */
import { LIMITS } from "../protocol/limits.ts";
import type { RoomStorage } from "./ports.ts";
import { Batch } from "./store.ts";

const COMMAND = "cmd:";
/** Rows of used tickets, written by the host before a socket is let in. */
export const TICKET = "tk:";
const MARK = "hw:";
/** Answers kept in memory, so that a repeat soon after needs no read. */
const CACHE = 512;
/** When old rows are looked for next; absent with nothing to sweep, so that a quiet room sleeps for good. */
const SWEEP = "sweep";
/** ms between sweeps */
const SWEEP_EVERY_MS = 30 * 60_000;
const SWEEP_PAGE = 1_000;

export type Answer =
  | { ok: true; seq: number; result?: Record<string, unknown> }
  | {
      ok: false;
      code: string;
      message: string;
      retryable: boolean;
      winner?: { by: { id: string; name: string }; decision: string; at: string; note?: string };
    };

export type Mark = { epoch: string; n: number };

export class Dedupe {
  readonly #storage: RoomStorage;
  readonly #answers = new Map<string, Answer>();
  readonly #marks = new Map<string, Mark>();
  /** ms since the epoch; undefined when there is nothing to sweep */
  #sweepAt: number | undefined;

  constructor(storage: RoomStorage) {
    this.#storage = storage;
  }

  async open(): Promise<void> {
    this.#sweepAt = await this.#storage.get<number>(SWEEP);
  }

  /** When the alarm must look. */
  get sweepDue(): number | undefined {
    return this.#sweepAt;
  }

  /** Rows were written outside of a batch of ours: a used ticket. */
  touch(batch: Batch, now: number): void {
    if (this.#sweepAt !== undefined) return;
    this.#sweepAt = now + SWEEP_EVERY_MS;
    batch.put(SWEEP, this.#sweepAt);
  }

  /** The first answer to this id; refusals are remembered only while the room is awake, they had no effect. */
  async answer(id: string): Promise<Answer | undefined> {
    const cached = this.#answers.get(id);
    if (cached) return cached;
    return (await this.#storage.get<{ answer: Answer }>(COMMAND + id))?.answer;
  }

  /** Reads many at once, so that a batch of commands costs one read. */
  async warm(ids: readonly string[]): Promise<void> {
    const missing = ids.filter((id) => !this.#answers.has(id)).map((id) => COMMAND + id);
    for (let i = 0; i < missing.length; i += 128) {
      const rows = await this.#storage.getMany<{ answer: Answer }>(missing.slice(i, i + 128));
      for (const [key, row] of rows) this.#cache(key.slice(COMMAND.length), row.answer);
    }
  }

  remember(batch: Batch, id: string, answer: Answer, now: number): void {
    this.#cache(id, answer);
    batch.put(COMMAND + id, { at: now, answer });
    this.touch(batch, now);
  }

  refused(id: string, answer: Answer): void {
    if (!answer.ok && !answer.retryable) this.#cache(id, answer);
  }

  #cache(id: string, answer: Answer): void {
    this.#answers.set(id, answer);
    const oldest = this.#answers.keys().next();
    if (this.#answers.size > CACHE && !oldest.done) this.#answers.delete(oldest.value);
  }

  async mark(sender: string): Promise<Mark> {
    const known = this.#marks.get(sender) ?? (await this.#storage.get<Mark>(MARK + sender)) ?? { epoch: "", n: 0 };
    this.#marks.set(sender, known);
    return known;
  }

  setMark(batch: Batch, sender: string, mark: Mark): void {
    this.#marks.set(sender, mark);
    batch.put(MARK + sender, mark);
  }

  /** Deletes answers older than a day and tickets that have expired, and sets the time of the next look. */
  async sweep(now: number): Promise<void> {
    if (this.#sweepAt === undefined || now < this.#sweepAt) return;
    const batch = new Batch();
    let next: number | undefined;
    /** Deletes what is over, else remembers when it will be. */
    const judge = (key: string, until: number) => {
      if (until < now) batch.delete(key);
      else next = Math.min(next ?? until, until);
    };
    for (const [key, expiresAt] of await this.#storage.list<number>({ prefix: TICKET })) judge(key, expiresAt);
    let start: string | undefined;
    for (;;) {
      const page = await this.#storage.list<{ at: number }>(
        start ? { prefix: COMMAND, start, limit: SWEEP_PAGE } : { prefix: COMMAND, limit: SWEEP_PAGE },
      );
      for (const [key, row] of page) {
        judge(key, row.at + LIMITS.commandDedupeMs);
        start = `${key}\0`;
      }
      if (page.size < SWEEP_PAGE) break;
    }
    this.#sweepAt = next === undefined ? undefined : Math.max(next, now + SWEEP_EVERY_MS);
    if (this.#sweepAt === undefined) batch.delete(SWEEP);
    else batch.put(SWEEP, this.#sweepAt);
    await batch.commit(this.#storage);
  }
}
