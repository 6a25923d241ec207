/**
 * The wait before attempt `attempt` (0 for the first retry): doubles from `minMs` to `maxMs`, with full jitter over its upper
 * half so that many waiters do not come back in one wave.
 * @param random a number in [0, 1)
 */
export function backoffMs(attempt: number, minMs: number, maxMs: number, random: number): number {
  const whole = Math.min(maxMs, minMs * 2 ** Math.min(attempt, 30));
  return Math.round(whole / 2 + (whole / 2) * random);
}
