/**
 * One request at a time writes an upload. The one that comes later asks the earlier to stop, because it is the live one: the
 * earlier belongs to a connection that the client has given up. (The locker of @tus/server spins while it waits.)
 */
import { ERRORS, type Lock, type Locker, type RequestRelease } from "@tus/server";

/** ms to wait for the earlier request to stop; the server gives it three seconds */
const WAIT_MS = 10_000;

type Held = { release: RequestRelease; freed: Promise<void>; free(): void };

export class UploadLocker implements Locker {
  readonly #held = new Map<string, Held>();

  newLock(id: string): Lock {
    let mine: Held | undefined;
    return {
      lock: async (signal, release) => {
        const limit = AbortSignal.any([signal, AbortSignal.timeout(WAIT_MS)]);
        for (let other = this.#held.get(id); other; other = this.#held.get(id)) {
          await other.release();
          await Promise.race([other.freed, aborted(limit)]);
          if (limit.aborted) throw ERRORS.ERR_LOCK_TIMEOUT;
        }
        mine = hold(release);
        this.#held.set(id, mine);
      },
      unlock: async () => {
        if (mine && this.#held.get(id) === mine) this.#held.delete(id);
        mine?.free();
      },
    };
  }
}

function hold(release: RequestRelease): Held {
  let free = (): void => undefined;
  const freed = new Promise<void>((resolve) => {
    free = resolve;
  });
  return { release, freed, free: () => free() };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
