import type { Cancel, RoomDeps } from "./wire.ts";

/** Timers by name: setting one again moves it. */
export class Timers<Name extends string> {
  readonly #after: RoomDeps["after"];
  readonly #running = new Map<Name, Cancel>();

  constructor(after: RoomDeps["after"]) {
    this.#after = after;
  }

  has(name: Name): boolean {
    return this.#running.has(name);
  }

  set(name: Name, ms: number, run: () => void): void {
    this.cancel(name);
    const cancel = this.#after(ms, () => {
      this.#running.delete(name);
      run();
    });
    this.#running.set(name, cancel);
  }

  cancel(...names: readonly Name[]): void {
    for (const name of names) {
      this.#running.get(name)?.();
      this.#running.delete(name);
    }
  }
}
