/** ms; first and longest wait between attempts */
export const BACKOFF_MIN_MS = 500;
export const BACKOFF_MAX_MS = 30_000;
/** gentle enough that a room that is back after three seconds is found within five */
const GROWTH = 1.6;

/**
 * How long to wait before attempt `attempt` (1 for the first retry), in ms: growing, with the upper half random, so that
 * two hundred viewers of a restarted room do not return in one beat.
 * @param random a number in [0, 1)
 */
export function backoff(attempt: number, random: number): number {
  const full = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * GROWTH ** (Math.max(1, attempt) - 1));
  return Math.round(full / 2 + (random * full) / 2);
}
