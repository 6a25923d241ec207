import { describe, expect, test } from "vitest";
import { isNarrowed, readRunsSearch, runsQueryOf } from "./runs-filter.ts";

describe("the address of the list of runs", () => {
  test("keeps what it knows and leaves out the rest", () => {
    const read = readRunsSearch({ agent: "ag_1", show: "waiting", from: "2026-11-17", to: "yesterday", q: 2026, other: "x" });
    expect(read).toEqual({ agent: "ag_1", show: "waiting", by: undefined, from: "2026-11-17", to: undefined, q: "2026" });
    expect(readRunsSearch({ show: "anything", q: "  " })).toEqual(expect.objectContaining({ show: undefined, q: undefined }));
    expect(isNarrowed(readRunsSearch({}))).toBe(false);
  });

  test("asks for states and for endings by their own names", () => {
    expect(runsQueryOf({ show: "waiting" })).toMatchObject({ state: "waiting", outcome: undefined });
    expect(runsQueryOf({ show: "done" })).toMatchObject({ state: undefined, outcome: "done" });
  });

  test("takes whole days of the person's own, the last one included", () => {
    const { from, to } = runsQueryOf({ from: "2026-11-17", to: "2026-11-17" });
    expect(from).toBe(new Date(2026, 10, 17).toISOString());
    expect(to).toBe(new Date(2026, 10, 18).toISOString());
  });
});
