/** Wakes whoever waits for news of a key. A ring between two waits is not lost. */
export type Ear = {
  /** Resolves when the bell rang since the last call, after `ms` at the latest, or when the signal aborts. True when it rang. */
  rang(ms: number, signal: AbortSignal): Promise<boolean>;
  close(): void;
};

type Listener = { rung: boolean; wake: (() => void) | undefined };

export class Bell {
  readonly #listeners = new Map<string, Set<Listener>>();

  /** Listeners of all keys. */
  get size(): number {
    let sum = 0;
    for (const listeners of this.#listeners.values()) sum += listeners.size;
    return sum;
  }

  ring(key: string): void {
    for (const listener of this.#listeners.get(key) ?? []) {
      listener.rung = true;
      listener.wake?.();
    }
  }

  listen(key: string): Ear {
    const listener: Listener = { rung: false, wake: undefined };
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(listener));
    return {
      async rang(ms, signal) {
        if (!listener.rung && !signal.aborted) {
          await new Promise<void>((resolve) => {
            const done = () => {
              clearTimeout(timer);
              signal.removeEventListener("abort", done);
              listener.wake = undefined;
              resolve();
            };
            const timer = setTimeout(done, ms);
            signal.addEventListener("abort", done);
            listener.wake = done;
          });
        }
        const rung = listener.rung;
        listener.rung = false;
        return rung;
      },
      close: () => {
        listeners.delete(listener);
        if (listeners.size === 0 && this.#listeners.get(key) === listeners) this.#listeners.delete(key);
      },
    };
  }
}
