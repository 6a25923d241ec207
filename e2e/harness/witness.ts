/** Reads a viewer's frames as they came and notes every break of the promise that a log is contiguous and never rewritten. */
import { z } from "zod";

const frame = z.discriminatedUnion("type", [
  z.object({ type: z.literal("hello"), epoch: z.string(), mode: z.enum(["resumed", "reset"]), reason: z.string().optional() }),
  z.object({ type: z.literal("snapshot"), seq: z.number(), part: z.number(), parts: z.number() }),
  z.object({ type: z.literal("events"), events: z.array(z.object({ seq: z.number() }).loose()) }),
]);

export type Seen = { seq: number; text: string };

export class Witness {
  /** every event exactly as received, in the order of arrival, each seq once */
  readonly log: Seen[] = [];
  /** seq of the snapshot the log starts behind */
  base = 0;
  /** what must not happen, in words */
  readonly violations: string[] = [];
  /** reasons of resets after the first hello */
  readonly resets: string[] = [];
  #epoch: string | undefined;
  /** seq the next event of this connection must follow; undefined between a reset and its snapshot */
  #last: number | undefined;

  /** Takes one frame's text in. */
  saw(text: string): void {
    // Everything else has no place in the log.
    if (!/^\{"type":"(hello|snapshot|events)"/.test(text)) return;
    const seen = frame.parse(JSON.parse(text));
    switch (seen.type) {
      case "hello":
        if (this.#epoch !== undefined && seen.epoch !== this.#epoch)
          this.violations.push(`epoch ${this.#epoch} -> ${seen.epoch}`);
        if (this.#epoch !== undefined && seen.mode === "reset") this.resets.push(seen.reason ?? "?");
        this.#epoch = seen.epoch;
        this.#last = seen.mode === "reset" ? undefined : this.head;
        return;
      case "snapshot":
        if (seen.part !== seen.parts) return;
        if (this.log.length === 0) this.base = seen.seq;
        this.#last = seen.seq;
        return;
      case "events":
        for (const event of seen.events) this.#event(event.seq, JSON.stringify(event));
    }
  }

  /** seq of the newest event or snapshot */
  get head(): number {
    return this.log.at(-1)?.seq ?? this.base;
  }

  /** The log above a seq, as text. */
  after(seq: number): string[] {
    return this.log.filter((event) => event.seq > seq).map((event) => event.text);
  }

  #event(seq: number, text: string): void {
    if (this.#last === undefined) this.violations.push(`event ${seq} before the snapshot`);
    else if (seq !== this.#last + 1) this.violations.push(`event ${seq} after ${this.#last}`);
    this.#last = seq;
    if (seq > this.head) this.log.push({ seq, text });
    else this.violations.push(`event ${seq} came twice`);
  }
}
