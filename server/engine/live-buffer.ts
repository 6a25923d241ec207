/** Live items on their way to the room: merged for a moment, and the whole text of open blocks for after a reconnect. Pure. */
import type { RunEvent, RunLive } from "../../party/protocol/run-events.ts";

type Delta = Extract<RunLive, { type: "block.delta" }>;

/** items of one frame, as the room's schema has them */
const FRAME_ITEMS = 256;
/** characters of one delta; a block that is sent again as a whole takes several */
const DELTA_CHARS = 50_000;

export class LiveBuffer {
  #waiting: RunLive[] = [];
  readonly #open = new Map<string, Delta>();

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Learns which blocks are open. */
  observe(events: readonly RunEvent[]): void {
    for (const event of events) {
      if (event.type === "block.started") {
        const { run, block, kind } = event;
        this.#open.set(block, { type: "block.delta", run, block, kind, offset: 0, text: "" });
      } else if (event.type === "block.ended") this.#open.delete(event.block);
    }
  }

  /** Takes an item; a delta that goes on where the last one ended becomes one with it. */
  add(item: RunLive): void {
    const last = this.#waiting.at(-1);
    if (item.type === "block.delta") {
      const open = this.#open.get(item.block);
      if (open && open.text.length === item.offset) open.text += item.text;
      if (last?.type === "block.delta" && last.block === item.block && last.offset + last.text.length === item.offset) {
        this.#waiting[this.#waiting.length - 1] = { ...last, text: last.text + item.text };
        return;
      }
    }
    this.#waiting.push(item);
  }

  /** What waits, in frames; then nothing waits. */
  drain(): RunLive[][] {
    const items = this.#waiting.flatMap(cut);
    this.#waiting = [];
    return frames(items);
  }

  /** Every open block from its beginning, for a room that may have missed deltas; then nothing waits. */
  replay(): RunLive[][] {
    this.#waiting = [...this.#open.values()].filter((delta) => delta.text !== "").map((delta) => ({ ...delta }));
    return this.drain();
  }
}

function cut(item: RunLive): RunLive[] {
  if (item.type !== "block.delta" || item.text.length <= DELTA_CHARS) return [item];
  const pieces: RunLive[] = [];
  for (let from = 0; from < item.text.length; from += DELTA_CHARS) {
    pieces.push({ ...item, offset: item.offset + from, text: item.text.slice(from, from + DELTA_CHARS) });
  }
  return pieces;
}

/** One frame per long piece, else as many items as a frame takes. */
function frames(items: readonly RunLive[]): RunLive[][] {
  const result: RunLive[][] = [];
  let chars = 0;
  for (const item of items) {
    const size = "text" in item ? item.text.length : 0;
    const last = result.at(-1);
    if (last && last.length < FRAME_ITEMS && chars + size <= DELTA_CHARS) {
      last.push(item);
      chars += size;
    } else {
      result.push([item]);
      chars = size;
    }
  }
  return result;
}
