/**
 * The simulated world's time: one queue of things that will happen, one seed that decides about all of them. Nothing runs
 * at the same time as anything else, so a seed brings a run back exactly.
 */
import { type Random, seeded } from "../harness/random.ts";

type Task = { at: number; n: number; run: () => void };

/** ms since the epoch at which every simulation begins */
const BEGINNING = Date.UTC(2026, 0, 1);

export class Kernel {
  readonly random: Random;
  #now = BEGINNING;
  #n = 0;
  readonly #tasks: Task[] = [];
  /** newest things that happened, for the report of a failure */
  readonly trace: string[] = [];
  #ends: (() => void)[] = [];

  constructor(seed: number) {
    this.random = seeded(seed);
  }

  /** True time, ms since the epoch. */
  get now(): number {
    return this.#now;
  }

  get elapsed(): number {
    return this.#now - BEGINNING;
  }

  note(what: string): void {
    this.trace.push(`${(this.elapsed / 1_000).toFixed(3)} ${what}`);
    if (this.trace.length > 400) this.trace.splice(0, 200);
  }

  /** Does something after `ms`. */
  after(ms: number, run: () => void): void {
    this.#n += 1;
    const task = { at: this.#now + Math.max(0, ms), n: this.#n, run };
    let i = this.#tasks.length;
    this.#tasks.push(task);
    // A binary heap, the earliest on top; equal times keep their order.
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = this.#tasks[parent];
      if (!above || before(above, task)) break;
      this.#tasks[i] = above;
      this.#tasks[parent] = task;
      i = parent;
    }
  }

  /** Lets things happen until `until` (ms of elapsed time) or until the condition holds. @returns whether it held */
  async run(until: number, done: () => boolean = () => false): Promise<boolean> {
    for (;;) {
      if (done()) return true;
      const next = this.#tasks[0];
      if (!next || next.at - BEGINNING > until) return false;
      this.#take();
      this.#now = next.at;
      next.run();
      await settled();
      for (const end of this.#ends.splice(0)) end();
    }
  }

  /** Runs when nothing that happens now can go on any more: the end of the turn. */
  atEndOfTurn(end: () => void): void {
    this.#ends.push(end);
  }

  #take(): void {
    const last = this.#tasks.pop();
    if (!last || this.#tasks.length === 0) return;
    let i = 0;
    for (;;) {
      const left = 2 * i + 1;
      const right = left + 1;
      let child = left;
      const a = this.#tasks[left];
      const b = this.#tasks[right];
      if (!a) break;
      if (b && before(b, a)) child = right;
      const least = this.#tasks[child];
      if (!least || before(last, least)) break;
      this.#tasks[i] = least;
      i = child;
    }
    this.#tasks[i] = last;
  }
}

function before(a: Task, b: Task): boolean {
  return a.at < b.at || (a.at === b.at && a.n < b.n);
}

/** Resolves when every promise that can go on has done so: the end of a turn. */
export function settled(): Promise<void> {
  return new Promise((done) => setImmediate(done));
}
