import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { feederFrame } from "../../party/protocol/internal.ts";
import { LIMITS } from "../../party/protocol/limits.ts";
import type { RunEvent } from "../../party/protocol/run-events.ts";
import type { Group } from "../runtimes/contract.ts";
import { jsonBytes } from "./fit.ts";
import { pack } from "./frames.ts";

const log = (text: string): RunEvent => ({
  v: 1,
  run: "run_1",
  src: { runtime: "native" },
  type: "log",
  level: "info",
  text,
});
const text = fc.tuple(fc.constantFrom("x", "ü", "\u0001"), fc.nat(9_000)).map(([letter, times]) => letter.repeat(times));
const group: fc.Arbitrary<Group> = fc.record({
  events: fc.array(text.map(log), { maxLength: 1 }),
  journal: fc.option(
    fc.array(
      text.map((data) => ({ kind: "result", data })),
      { maxLength: 70 },
    ),
    { nil: undefined },
  ),
});

describe("pack", () => {
  it("keeps the order and every frame within the limits of the wire", () => {
    fc.assert(
      fc.property(fc.array(group, { maxLength: 40 }), (groups) => {
        const frames = pack(groups, "wait");
        expect(frames.flatMap((frame) => frame.events)).toEqual(groups.flatMap((one) => one.events));
        expect(frames.flatMap((frame) => frame.journal ?? [])).toEqual(groups.flatMap((one) => one.journal ?? []));
        for (const [index, frame] of frames.entries()) {
          const whole = { type: "events", fence: 1, n: 1, ...frame };
          expect(feederFrame.safeParse(whole).success).toBe(true);
          expect(jsonBytes(whole)).toBeLessThanOrEqual(LIMITS.internalFrameBytes);
          expect(frame.release).toBe(index === frames.length - 1 ? "wait" : undefined);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("never stores events before the last of the entries they belong to", () => {
    fc.assert(
      fc.property(fc.array(group, { maxLength: 10 }), (groups) => {
        const frames = pack(groups);
        for (const { events, journal } of groups) {
          const [first] = events;
          const last = journal?.at(-1);
          if (!first || !last) continue;
          const at = frames.findIndex((frame) => frame.events.includes(first));
          expect(frames[at]?.journal).toContain(last);
          expect(events.every((event) => frames[at]?.events.includes(event))).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("packs as much as fits into one frame", () => {
    const groups = Array.from({ length: 60 }, (_, n) => ({ events: [log(String(n))] }));
    expect(pack(groups)).toHaveLength(1);
    expect(pack([])).toEqual([{ events: [] }]);
  });
});
