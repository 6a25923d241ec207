/** Waiting in tests: for a condition, with a deadline, never for a time. */
import { setTimeout as pause } from "node:timers/promises";

/** ms between two looks; most conditions here change within a few of them */
const LOOK_EVERY_MS = 15;

/**
 * Resolves with what `look` found, once that is neither false nor nothing. An error of `look` counts as "not yet": a
 * process that is being restarted refuses connections.
 * @throws after `withinMs`, with what was awaited and the last error
 */
export async function until<T>(what: string, look: () => T | Promise<T>, withinMs = 10_000): Promise<NonNullable<T>> {
  const deadline = performance.now() + withinMs;
  let last: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found) return found;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`not within ${withinMs} ms: ${what}`, last === undefined ? undefined : { cause: last });
    }
    await pause(LOOK_EVERY_MS);
  }
}
