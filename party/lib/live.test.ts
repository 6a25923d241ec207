import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../protocol/limits.ts";
import type { RunEvent, RunLive } from "../protocol/run-events.ts";
import { LiveStream } from "./live.ts";
import { TestHost } from "./testing/host.ts";

const delta = (offset: number, text: string, block = "b1"): RunLive => ({
  type: "block.delta",
  run: "run_1",
  block,
  kind: "text",
  offset,
  text,
});
const base = { v: 1 as const, run: "run_1", src: { runtime: "native" } };
const startedBlock = (block: string): RunEvent => ({ ...base, type: "block.started", block, kind: "text" });
const endedBlock = (block: string): RunEvent => ({ ...base, type: "block.ended", block, kind: "text", text: "" });

function open() {
  const host = new TestHost();
  const frames: RunLive[][] = [];
  const stream = new LiveStream(host, (items) => frames.push(items));
  const text = (block = "b1") =>
    frames.flat().reduce((sum, item) => {
      if (item.type !== "block.delta" || item.block !== block) return sum;
      expect(item.offset).toBe(sum.length);
      return sum + item.text;
    }, "");
  return { host, stream, frames, text };
}

describe("live items", () => {
  it("leave at once after a pause, and together within a window", async () => {
    const { host, stream, frames } = open();
    stream.push([delta(0, "a")]);
    expect(frames).toHaveLength(1);
    stream.push([delta(1, "b")]);
    stream.push([delta(2, "c")]);
    expect(frames).toHaveLength(1);
    await host.wait(LIMITS.deltaWindowMs);
    expect(frames[1]).toEqual([delta(1, "bc")]);
    await host.wait(LIMITS.deltaWindowMs);
    expect(host.timers).toBe(0);
    stream.push([delta(3, "d")]);
    expect(frames).toHaveLength(3);
  });

  it("never pile up to one huge frame", () => {
    const { stream, frames } = open();
    for (let i = 0; i < 100; i++) stream.push([delta(i * 20_000, "x".repeat(20_000))]);
    for (const frame of frames) expect(JSON.stringify(frame).length).toBeLessThan(120_000);
  });

  it("are sent before the durable events behind them", () => {
    const { stream, text } = open();
    stream.push([delta(0, "a")]);
    stream.push([delta(1, "b")]);
    stream.flush();
    expect(text()).toBe("ab");
  });

  it("add up to each block's text, for those who were here and for those who come in the middle", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({ block: fc.constantFrom("b1", "b2"), text: fc.string({ minLength: 1, maxLength: 5 }), ms: fc.nat(50) }),
          {
            maxLength: 30,
          },
        ),
        async (pieces) => {
          const { host, stream, text } = open();
          const whole = new Map([
            ["b1", ""],
            ["b2", ""],
          ]);
          for (const block of whole.keys()) stream.observe(startedBlock(block));
          for (const piece of pieces) {
            const before = whole.get(piece.block) ?? "";
            stream.push([delta(before.length, piece.text, piece.block)]);
            whole.set(piece.block, before + piece.text);
            await host.wait(piece.ms);
          }
          await host.wait(1_000);
          for (const [block, expected] of whole) expect(text(block)).toBe(expected);
          const late = new Map(stream.openBlocks().map((item) => [item.type === "block.delta" ? item.block : "", item]));
          for (const [block, expected] of whole) {
            if (expected !== "") expect(late.get(block)).toMatchObject({ offset: 0, text: expected });
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("of a block are forgotten with its end, and all of a run's with the run's", () => {
    const { stream } = open();
    for (const block of ["b1", "b2"]) {
      stream.observe(startedBlock(block));
      stream.push([delta(0, "x", block)]);
    }
    stream.observe(endedBlock("b1"));
    expect(stream.openBlocks()).toMatchObject([{ block: "b2" }]);
    stream.observe({
      ...base,
      type: "run.ended",
      outcome: "done",
      usage: { input: 0, output: 0, cached: 0, thinking: 0 },
      cost: 0,
      ms: 0,
    });
    expect(stream.openBlocks()).toEqual([]);
  });

  it("told again after a reconnect change nothing that is known", () => {
    const { stream } = open();
    stream.observe(startedBlock("b1"));
    stream.push([delta(0, "Hello")]);
    stream.push([delta(0, "Hello there")]);
    expect(stream.openBlocks()).toMatchObject([{ text: "Hello there" }]);
  });
});
