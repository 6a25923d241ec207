/** Live frames: deltas of the same block within a window become one. Open blocks are kept whole for those who join. */
import { LIMITS } from "../protocol/limits.ts";
import type { RunEvent, RunLive } from "../protocol/run-events.ts";
import type { RoomHost } from "./ports.ts";

type Delta = Extract<RunLive, { type: "block.delta" }>;
type Open = { run: string; kind: Delta["kind"]; text: string };

/** Characters that leave at once although the window is open: a flood of output must not pile up to one huge frame. */
const FRAME_CHARS = 64 * 1_024;

/** Characters of an open block kept for late joiners; the durable `block.ended` carries the whole. */
const OPEN_CHARS = 512 * 1_024;

export class LiveStream {
  readonly #host: RoomHost;
  readonly #emit: (items: RunLive[]) => void;
  readonly #open = new Map<string, Open>();
  #waiting: RunLive[] = [];
  #chars = 0;
  #window = false;

  constructor(host: RoomHost, emit: (items: RunLive[]) => void) {
    this.#host = host;
    this.#emit = emit;
  }

  /** The first item after a pause leaves at once; what follows within the window travels together. */
  push(items: readonly RunLive[]): void {
    for (const item of items) {
      this.#take(item);
      if (this.#chars > FRAME_CHARS) this.#send();
    }
    if (this.#window || this.#waiting.length === 0) return;
    this.#send();
    this.#window = true;
    this.#host.after(LIMITS.deltaWindowMs, () => this.#tick());
  }

  /** Sends what waits before durable events of the same run, so that a block's text never arrives after its end. */
  flush(): void {
    if (this.#waiting.length > 0) this.#send();
  }

  /** Keeps the open blocks in step with the durable log. */
  observe(event: RunEvent): void {
    switch (event.type) {
      case "block.started":
        this.#open.set(event.block, { run: event.run, kind: event.kind, text: "" });
        break;
      case "block.ended":
        this.#open.delete(event.block);
        break;
      case "run.ended":
      case "run.started":
        for (const [block, open] of this.#open) if (open.run === event.run) this.#open.delete(block);
        break;
      default:
    }
  }

  /** Each open block as one delta from offset 0, for a viewer that has just caught up. */
  openBlocks(): RunLive[] {
    return [...this.#open]
      .filter(([, open]) => open.text !== "")
      .map(([block, { run, kind, text }]) => ({ type: "block.delta", run, block, kind, offset: 0, text }));
  }

  #take(item: RunLive): void {
    this.#chars += item.type === "voice.audio" ? item.data.length : item.text.length;
    if (item.type !== "block.delta") {
      this.#waiting.push(item);
      return;
    }
    const open = this.#open.get(item.block) ?? { run: item.run, kind: item.kind, text: "" };
    if (item.offset <= open.text.length && item.offset + item.text.length <= OPEN_CHARS) {
      open.text = item.offset === open.text.length ? open.text + item.text : open.text.slice(0, item.offset) + item.text;
      this.#open.set(item.block, open);
    }
    const last = this.#waiting.findLast(
      (waiting): waiting is Delta => waiting.type === "block.delta" && waiting.block === item.block,
    );
    if (last && last.offset + last.text.length === item.offset) last.text += item.text;
    else this.#waiting.push({ ...item });
  }

  #tick(): void {
    this.#window = false;
    if (this.#waiting.length === 0) return;
    this.#send();
    this.#window = true;
    this.#host.after(LIMITS.deltaWindowMs, () => this.#tick());
  }

  #send(): void {
    const items = this.#waiting;
    this.#waiting = [];
    this.#chars = 0;
    this.#emit(items);
  }
}
