import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linkBatch, type OpAnswer, type RoomOp } from "../../../party/protocol/internal.ts";
import { LIMITS } from "../../../party/protocol/limits.ts";
import { FRAMES_IN_FLIGHT, LinkQueue, type Outgoing } from "./link-queue.ts";

const note = (text: string): RoomOp => ({
  op: "record",
  generation: 1,
  row: 1,
  change: { kind: "activity", by: { id: "u", name: "Ana", kind: "person" }, text },
});

function entry(id: string, extra: Partial<Outgoing> = {}): Outgoing & { answers: OpAnswer[] } {
  const answers: OpAnswer[] = [];
  return { id, body: note("x"), kind: "ask", answers, settle: (answer) => answers.push(answer), ...extra };
}

const parse = (frame: string | undefined) => (frame === undefined ? [] : linkBatch.parse(JSON.parse(frame)).items);
const yes = (n: number): OpAnswer => ({ n, ok: true, seq: n });
const later = (n: number): OpAnswer => ({ n, ok: false, code: "not_ready", message: "Not yet.", retryable: true });

describe("LinkQueue", () => {
  it("stops at the window and then sends everything that waited as one frame", () => {
    const queue = new LinkQueue();
    const frames: string[] = [];
    for (let i = 0; i < 10; i++) {
      queue.push(entry(`id-${i}`));
      const frame = queue.take(0);
      if (frame) frames.push(frame);
    }
    expect(frames.map((frame) => parse(frame).length)).toEqual(Array(FRAMES_IN_FLIGHT).fill(1));
    queue.answer([yes(1)]);
    expect(parse(queue.take(0)).map((item) => item.id)).toEqual(["id-4", "id-5", "id-6", "id-7", "id-8", "id-9"]);
  });

  it("keeps frames under the limit in bytes and in items", () => {
    const queue = new LinkQueue();
    const body = note("ö".repeat(500));
    for (let i = 0; i < 1_000; i++) queue.push(entry(`id-${i}`, { body }));
    const sizes: number[] = [];
    for (let frame = queue.take(0); frame; frame = queue.take(0)) {
      expect(Buffer.byteLength(frame)).toBeLessThanOrEqual(LIMITS.internalFrameBytes);
      const items = parse(frame);
      sizes.push(items.length);
      queue.answer(items.map((item) => yes(item.n)));
    }
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(1_000);
  });

  it("refuses an item that no frame can carry", () => {
    const queue = new LinkQueue();
    expect(queue.push(entry("big", { id: "i".repeat(LIMITS.internalFrameBytes) }))).toBe(false);
    expect(queue.size).toBe(0);
  });

  it("sends a row that was refused for the moment again, before anything later", () => {
    const queue = new LinkQueue();
    const rows = ["a", "b", "c"].map((id) => entry(id, { kind: "record" }));
    for (const row of rows) queue.push(row);
    const first = parse(queue.take(0));
    queue.push(entry("later"));
    expect(queue.take(0)).toBeUndefined();
    expect(queue.answer([yes(1), later(2), later(3)])).toEqual({ again: true });
    expect(first.map((item) => item.id)).toEqual(["a", "b", "c"]);
    expect(parse(queue.take(0)).map((item) => item.id)).toEqual(["b", "c"]);
    expect(queue.take(0)).toBeUndefined();
    queue.answer([yes(2), yes(3)]);
    expect(parse(queue.take(0)).map((item) => item.id)).toEqual(["later"]);
    expect(rows.map((row) => row.answers.length)).toEqual([1, 1, 1]);
  });

  it("gives a caller its answer even when the room refuses for the moment", () => {
    const queue = new LinkQueue();
    const ask = entry("ask");
    queue.push(ask);
    queue.take(0);
    queue.answer([later(1)]);
    expect(ask.answers).toEqual([later(1)]);
  });

  it("lets a late caller go but keeps its frame in the window until it is answered", () => {
    const queue = new LinkQueue();
    for (let i = 0; i < FRAMES_IN_FLIGHT; i++) {
      queue.push(entry(`id-${i}`, { deadline: 10 }));
      queue.take(0);
    }
    expect(queue.expire(9)).toEqual([]);
    expect(queue.expire(10).map((one) => one.id)).toEqual(["id-0", "id-1", "id-2", "id-3"]);
    expect(queue.expire(11)).toEqual([]);
    queue.push(entry("next"));
    expect(queue.take(11)).toBeUndefined();
    queue.disconnected();
    expect(parse(queue.take(12)).map((item) => item.id)).toEqual(["next"]);
  });

  it("delivers every item in order and answers it once, over any pattern of answers and lost connections", () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant("push" as const), record: fc.boolean() }),
      fc.record({ do: fc.constant("take" as const) }),
      fc.record({ do: fc.constant("answer" as const) }),
      fc.record({ do: fc.constant("lose" as const), heard: fc.boolean() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const queue = new LinkQueue();
        const all: (Outgoing & { answers: OpAnswer[] })[] = [];
        // The room: keeps what it heard first, by id, and owes answers per frame.
        const heard: string[] = [];
        let owed: number[][] = [];
        const hear = (frame: string) => {
          const items = parse(frame);
          for (const item of items) if (!heard.includes(item.id)) heard.push(item.id);
          owed.push(items.map((item) => item.n));
        };
        const answer = () => {
          const ns = owed.shift();
          if (ns) queue.answer(ns.map(yes));
        };
        for (const one of steps) {
          if (one.do === "push") {
            const made = entry(`id-${all.length}`, { kind: one.record ? "record" : "ask" });
            all.push(made);
            queue.push(made);
          } else if (one.do === "answer") {
            answer();
          } else {
            const frame = queue.take(0);
            if (frame && (one.do === "take" || one.heard)) hear(frame);
            if (one.do === "lose") {
              queue.disconnected();
              owed = [];
            }
          }
        }
        queue.disconnected();
        owed = [];
        while (queue.size > 0) {
          for (let frame = queue.take(0); frame; frame = queue.take(0)) hear(frame);
          answer();
        }
        expect(heard).toEqual(all.map((one) => one.id));
        expect(all.every((one) => one.answers.length === 1)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
