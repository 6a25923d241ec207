import { backoff } from "../../lib/room/backoff.ts";

export type AskAgainDeps = {
  /** true when there was an answer, whichever; false when nothing answered. Never rejects */
  ask: () => Promise<boolean>;
  /** called once, with the first answer */
  answered: () => void;
  /** runs something after so many ms; calls it off with what it gives back */
  after: (ms: number, run: () => void) => () => void;
  /** 0 to 1, so that many open pages do not ask in step */
  random: () => number;
};

/** Asks a server that does not answer again and again, with longer and longer waits, until it does. */
export class AskAgain {
  readonly #deps: AskAgainDeps;
  #failures = 0;
  #asking = false;
  #over = false;
  #cancel: (() => void) | undefined;

  constructor(deps: AskAgainDeps) {
    this.#deps = deps;
    this.#wait();
  }

  /** Asks at once, as when the network is back or the person wants to know; the waits begin anew. */
  now(): void {
    this.#failures = 0;
    void this.#ask();
  }

  /** Nobody waits any more. */
  stop(): void {
    this.#over = true;
    this.#cancel?.();
  }

  async #ask(): Promise<void> {
    if (this.#asking || this.#over) return;
    this.#cancel?.();
    this.#asking = true;
    const isAnswered = await this.#deps.ask();
    this.#asking = false;
    if (this.#over) return;
    if (!isAnswered) return this.#wait();
    this.stop();
    this.#deps.answered();
  }

  #wait(): void {
    this.#failures += 1;
    this.#cancel = this.#deps.after(backoff(this.#failures, this.#deps.random()), () => void this.#ask());
  }
}
