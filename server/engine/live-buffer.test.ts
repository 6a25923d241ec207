import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RunEvent, RunLive } from "../../party/protocol/run-events.ts";
import { LiveBuffer } from "./live-buffer.ts";

const base = { v: 1 as const, run: "run_1", src: { runtime: "native" } };
const started = (block: string): RunEvent => ({ ...base, type: "block.started", block, kind: "text" });
const ended = (block: string): RunEvent => ({ ...base, type: "block.ended", block, kind: "text", text: "" });
const delta = (block: string, offset: number, text: string): RunLive => ({
  type: "block.delta",
  run: "run_1",
  block,
  kind: "text",
  offset,
  text,
});

/** What a viewer that got these frames has of a block. */
function read(frames: RunLive[][], block: string): string {
  let text = "";
  for (const item of frames.flat()) {
    if (item.type !== "block.delta" || item.block !== block) continue;
    expect(item.offset).toBe(text.length);
    text += item.text;
  }
  return text;
}

describe("LiveBuffer", () => {
  it("merges what goes on, and loses no character", () => {
    const piece = fc.tuple(fc.constantFrom("a", "b"), fc.oneof(fc.string(), fc.constant("long ".repeat(15_000))));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const buffer = new LiveBuffer();
        buffer.observe([started("a"), started("b")]);
        const whole: Record<string, string> = { a: "", b: "" };
        for (const [block, text] of pieces) {
          buffer.add(delta(block, whole[block]?.length ?? 0, text));
          whole[block] += text;
        }
        const frames = buffer.drain();
        expect(read(frames, "a")).toBe(whole.a);
        expect(read(frames, "b")).toBe(whole.b);
        for (const items of frames) expect(items.length).toBeLessThanOrEqual(256);
        expect(buffer.drain()).toEqual([]);
        expect(read(buffer.replay(), "a")).toBe(whole.a);
      }),
      { numRuns: 60 },
    );
  });

  it("makes one delta of many", () => {
    const buffer = new LiveBuffer();
    buffer.observe([started("a")]);
    for (let n = 0; n < 100; n++) buffer.add(delta("a", n, "x"));
    expect(buffer.drain()).toEqual([[delta("a", 0, "x".repeat(100))]]);
  });

  it("forgets a block that has ended", () => {
    const buffer = new LiveBuffer();
    buffer.observe([started("a")]);
    buffer.add(delta("a", 0, "x"));
    buffer.observe([ended("a")]);
    expect(buffer.replay()).toEqual([]);
  });
});
