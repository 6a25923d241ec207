/** How fast a replay may go, as a person chooses it. */
export const SPEEDS = [1, 4, 16] as const;
export type Speed = (typeof SPEEDS)[number];

/** ms; the most a pause in which nothing happened lasts, at the speed of life */
const LONGEST_PAUSE_MS = 2_000;
/** ms; below it one step would run into the next before it can be seen */
const SHORTEST_MS = 60;

/** ms from one step to the next. @param gapMs what lay between them when it happened */
export function paceOf(gapMs: number, speed: Speed): number {
  return Math.max(SHORTEST_MS, Math.min(Math.max(0, gapMs), LONGEST_PAUSE_MS) / speed);
}

/** The speed after this one; the fastest is followed by the slowest. */
export function nextSpeed(speed: Speed): Speed {
  return SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length] ?? 1;
}
