import { expect, it } from "vitest";
import type { RunLive } from "../../../party/protocol/run-events.ts";
import { addOpen, settleOpen } from "./open-items.ts";

const delta = (block: string, offset: number, text: string): RunLive => ({
  ...{ type: "block.delta", run: "run_1", block, kind: "text", offset, text },
});
const base = { v: 1, run: "run_1", seq: 1, at: "2026-01-01T00:00:00.000Z", src: { runtime: "native" } } as const;
const keep = (...items: RunLive[]): readonly RunLive[] => items.reduce(addOpen, [] as readonly RunLive[]);

it("keeps each block that is being written as a whole, whatever comes twice or too late", () => {
  expect(keep(delta("b1", 0, "Hel"), delta("b2", 0, "x"), delta("b1", 3, "lo"), delta("b1", 3, "lo"))).toEqual([
    delta("b1", 0, "Hello"),
    delta("b2", 0, "x"),
  ]);
  expect(keep(delta("b1", 0, "Hel"), delta("b1", 9, "lost")), "a hole").toEqual([delta("b1", 0, "Hel")]);
  expect(keep(delta("b1", 3, "lo")), "a beginning nobody heard").toEqual([]);
});

it("keeps the newest of what a tool prints, and no sound", () => {
  const progress = (text: string): RunLive => ({ type: "tool.progress", run: "run_1", call: "c1", text });
  expect(keep(progress("a".repeat(3_000)), progress("b".repeat(3_000)))).toMatchObject([
    { text: "a".repeat(1_000) + "b".repeat(3_000) },
  ]);
  expect(keep({ type: "voice.audio", run: "run_1", n: 1, rate: 8_000, data: "" })).toEqual([]);
});

it("forgets a block with its end, and everything of a run with the run's", () => {
  const open = keep(delta("b1", 0, "a"), delta("b2", 0, "b"), { ...delta("b3", 0, "c"), run: "run_2" });
  const ended = settleOpen(open, { ...base, type: "block.ended", block: "b1", kind: "text", text: "a" });
  expect(ended.map((item) => "block" in item && item.block)).toEqual(["b2", "b3"]);
  const usage = { input: 0, output: 0, cached: 0, thinking: 0 };
  const over = settleOpen(ended, { ...base, type: "run.ended", outcome: "done", usage, cost: 0, ms: 0 });
  expect(over.map((item) => "block" in item && item.block)).toEqual(["b3"]);
});
