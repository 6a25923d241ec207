import type { RunLive } from "../../../party/protocol/run-events.ts";
import { PROGRESS_KEEP } from "../../lib/room/open-items.ts";
import type { Schedule } from "../../lib/room/room-store.ts";

/**
 * Text that is being written now, per block or call. It changes many times a second, so it lives outside React's state:
 * only the one row that shows a block hears of it, once per frame.
 */
export class LiveText {
  readonly #schedule: Schedule;
  readonly #texts = new Map<string, string>();
  readonly #subscribers = new Map<string, Set<() => void>>();
  readonly #changed = new Set<string>();
  #scheduled = false;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
  }

  read(id: string): string {
    return this.#texts.get(id) ?? "";
  }

  subscribe(id: string, changed: () => void): () => void {
    const set = this.#subscribers.get(id) ?? new Set();
    this.#subscribers.set(id, set.add(changed));
    return () => {
      set.delete(changed);
      if (set.size === 0) this.#subscribers.delete(id);
    };
  }

  add(items: readonly RunLive[]): void {
    for (const item of items) {
      if (item.type === "block.delta") this.#delta(item.block, item.offset, item.text);
      else if (item.type === "tool.progress") this.#set(item.call, (this.read(item.call) + item.text).slice(-PROGRESS_KEEP));
    }
  }

  /** Forgets the text of a block whose whole is in the log now. */
  drop(id: string): void {
    this.#texts.delete(id);
  }

  clear(): void {
    this.#texts.clear();
  }

  #delta(block: string, offset: number, text: string): void {
    const known = this.read(block);
    // Live items may be lost. A text with a hole would be wrong, so it waits for the whole that the log brings.
    if (offset > known.length) return;
    this.#set(block, known.slice(0, offset) + text);
  }

  #set(id: string, text: string): void {
    this.#texts.set(id, text);
    this.#changed.add(id);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(() => {
      this.#scheduled = false;
      const ids = [...this.#changed];
      this.#changed.clear();
      for (const changed of ids) for (const tell of this.#subscribers.get(changed) ?? []) tell();
    });
  }
}
