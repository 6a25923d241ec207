import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../../party/protocol/limits.ts";
import { jsonBytes } from "../fit.ts";
import { decodeEntries, type Entry, encodeEntry } from "./journal.ts";

const anyEntry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({
    kind: fc.constant("user" as const),
    text: fc.string({ unit: "binary" }),
    by: fc.string(),
    via: fc.constant("prompt" as const),
  }),
  fc.record({ kind: fc.constant("result" as const), call: fc.string(), ok: fc.boolean(), text: fc.string() }),
  fc
    .tuple(fc.constantFrom("ü", '"', "\u0001", "x", "😀"), fc.integer({ min: 5_000, max: 60_000 }))
    .map(([letter, times]) => ({ kind: "result" as const, call: "call_1", ok: true, text: letter.repeat(times) })),
  fc.record({ kind: fc.constant("stopped" as const), by: fc.string() }),
);

describe("the journal", () => {
  it("returns every entry as it was, long ones too, and stores no value the rooms would refuse", () => {
    fc.assert(
      fc.property(fc.array(anyEntry, { maxLength: 6 }), (entries) => {
        const stored = entries.flatMap(encodeEntry);
        for (const row of stored) expect(jsonBytes(row)).toBeLessThan(LIMITS.valueBytes);
        expect(decodeEntries(JSON.parse(JSON.stringify(stored)))).toEqual(entries);
      }),
      { numRuns: 60 },
    );
  });

  it("drops the beginning of an entry whose end was never stored", () => {
    const long: Entry = { kind: "result", call: "call_1", ok: true, text: "x".repeat(70_000) };
    const parts = encodeEntry(long);
    expect(parts.length).toBeGreaterThan(2);
    for (let kept = 0; kept < parts.length; kept++) {
      const after: Entry = { kind: "stopped", by: "Ana" };
      expect(decodeEntries([...parts.slice(0, kept), ...encodeEntry(after)])).toEqual([after]);
      expect(decodeEntries([...parts.slice(0, kept), ...encodeEntry(long)])).toEqual([long]);
    }
  });

  it("refuses an entry that is not ours", () => {
    expect(() => decodeEntries([{ kind: "surprise", data: { kind: "surprise" } }])).toThrow();
  });
});
