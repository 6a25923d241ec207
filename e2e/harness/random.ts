/** Randomness that a printed seed brings back. */
import { randomInt } from "node:crypto";

export type Random = {
  readonly seed: number;
  /** [0, 1) */
  next(): number;
  /** integer, both ends included */
  between(from: number, to: number): number;
  /** a new array in random order */
  shuffled<T>(items: readonly T[]): T[];
};

/** The seed of a test: `ATRIUM_SEED` to repeat a failure, else a fresh one. */
export function pickSeed(): number {
  return Number(process.env.ATRIUM_SEED) || randomInt(1, 2 ** 31);
}

/** mulberry32: 32 bits of state, good enough to order faults. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return {
    seed,
    next,
    between,
    shuffled<T>(items: readonly T[]): T[] {
      const order = [...items];
      for (let last = order.length - 1; last > 0; last--) {
        const [taken] = order.splice(between(0, last), 1);
        if (taken !== undefined) order.push(taken);
      }
      return order;
    },
  };
}
