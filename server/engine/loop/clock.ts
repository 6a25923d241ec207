/** Time and randomness as the loop uses them, passed in so that tests can set them. */
import { setTimeout as pause } from "node:timers/promises";
import { type IdPrefix, newId } from "../../../party/protocol/ids.ts";

export type Clock = {
  /** ms, monotonic: durations, leases, limits */
  now(): number;
  /** ms since the epoch: only for times that people or other machines read */
  wall(): number;
  /** Resolves after `ms`, or at once when the signal fires. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
};

export type Ids = (prefix: IdPrefix) => string;

export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  async sleep(ms, signal) {
    try {
      await pause(ms, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  },
};

export const systemIds: Ids = (prefix) => newId(prefix);
