/** Which messages reached which viewers, and how long each took. */
import { until } from "../harness/until.ts";

/** ms until a message that nobody received counts as lost */
const LOST_MS = 20_000;

export class Arrivals {
  readonly #viewers: number;
  readonly #sentAt = new Map<string, number>();
  readonly #times: number[] = [];
  readonly #prefix = Math.random().toString(36).slice(2);
  readonly #seen = new Set<string>();

  constructor(viewers: number) {
    this.#viewers = viewers;
  }

  /** The text of a message that is about to be sent; its clock starts now. */
  expect(): string {
    const text = `${this.#prefix} ${this.#sentAt.size}: about as long as one line of a chat, give or take a few words.`;
    this.#sentAt.set(text, performance.now());
    return text;
  }

  /** A viewer has received a text. */
  heard(text: string, viewer: number): void {
    const sentAt = this.#sentAt.get(text);
    if (sentAt === undefined) return;
    const key = `${viewer} ${text}`;
    if (this.#seen.has(key)) throw new Error(`viewer ${viewer} got a message twice: ${text}`);
    this.#seen.add(key);
    this.#times.push(performance.now() - sentAt);
  }

  /** Every time in ms, once every viewer has every message. @throws when one is lost */
  async all(): Promise<number[]> {
    const wanted = this.#viewers * this.#sentAt.size;
    await until(`${wanted} arrivals, ${this.#times.length} so far`, () => this.#times.length === wanted, LOST_MS);
    return this.#times;
  }
}
