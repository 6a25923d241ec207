import type { RunEvent, Stamped } from "../../../party/protocol/run-events.ts";
import { type Row, RowBuilder } from "../agent/rows.ts";
import { type Stop, stopsOf } from "./stops.ts";

/** Events between two kept states, at least: folding so many again takes less than a frame. */
const KEEP_EVERY = 1_000;
/** States kept of a long run: each holds a list of all rows before it. */
const KEPT = 16;

type Kept = { count: number; builder: RowBuilder };

/**
 * A run as it stood after any of its events, folded by what folds the live transcript. Events may be added at the end; what
 * was there never changes.
 */
export class Replay {
  readonly #events: readonly Stamped<RunEvent>[];
  /** states by number of events, ascending */
  readonly #kept: Kept[] = [{ count: 0, builder: new RowBuilder() }];
  /** where the last answer stands: the next one is mostly a step further */
  #head: Kept = { count: 0, builder: new RowBuilder() };
  #stops: Stop[] = [];
  #stopped = 0;

  /** @param events of one run, by seq; the caller may push more */
  constructor(events: readonly Stamped<RunEvent>[]) {
    this.#events = events;
  }

  /** The points at which the replay can stand; a new array when events were added. */
  get stops(): readonly Stop[] {
    const { length } = this.#events;
    if (length > this.#stopped) {
      this.#stops = [...this.#stops, ...stopsOf(this.#events.slice(this.#stopped), this.#stopped)];
      this.#stopped = length;
    }
    return this.#stops;
  }

  /** The rows as they were after that many events. */
  rowsAfter(count: number): readonly Row[] {
    if (this.#head.count > count) {
      const { builder, ...kept } = this.#kept.findLast((one) => one.count <= count) ?? { count: 0, builder: new RowBuilder() };
      this.#head = { ...kept, builder: builder.fork() };
    }
    while (this.#head.count < count) this.#advance(count);
    return this.#head.builder.rows;
  }

  /** To the next state that is worth keeping, or to `count` where that comes first. */
  #advance(count: number): void {
    const { builder, count: from } = this.#head;
    const every = Math.max(KEEP_EVERY, Math.ceil(this.#events.length / KEPT));
    const to = Math.min(count, from + every);
    builder.add(this.#events.slice(from, to));
    this.#head = { builder, count: to };
    if (to - (this.#kept.at(-1)?.count ?? 0) >= every) this.#kept.push({ count: to, builder: builder.fork() });
  }
}
