import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RunEvent, Stamped } from "../../../party/protocol/run-events.ts";
import { RowBuilder } from "../agent/rows.ts";
import { nextSpeed, paceOf } from "./pace.ts";
import { Replay } from "./replay.ts";

const ANA = { id: "u_1", name: "Ana Ruiz", kind: "person" } as const;
const BASE = { v: 1, run: "run_1", src: { runtime: "native" } } as const;
const AT = "2026-01-01T00:00:00.000Z";

/** What an agent does in one turn: it says something and calls a tool; now and then it asks, or is told something. */
function turn(n: number): RunEvent[] {
  const call = { ...BASE, call: `call_${n}` };
  const ask: RunEvent[] = [
    {
      ...call,
      ...{ type: "approval.asked", approval: `ap_${n}`, digest: "0".repeat(64), risk: "write", quorum: { need: 1 } },
      ...{ expiresAt: AT, question: `Run ls ${n}?` },
    },
    { ...call, type: "approval.decided", approval: `ap_${n}`, decision: "allow", by: [] },
  ];
  const steer: RunEvent = { ...BASE, type: "message.user", by: ANA, text: `also ${n}`, via: "steer" };
  return [
    { ...BASE, type: "turn.started", model: "rehearsal" },
    { ...BASE, type: "block.started", block: `b_${n}`, kind: "text" },
    { ...BASE, type: "block.ended", block: `b_${n}`, kind: "text", text: `words ${n}` },
    {
      ...call,
      type: "tool.called",
      name: "shell",
      origin: "native",
      input: `{"command":"ls ${n}"}`,
      policy: "ask",
      risk: "write",
    },
    ...(n % 3 === 0 ? ask : []),
    { ...call, type: "tool.ended", ok: true, output: `out ${n}`, ms: 5, effect: "done" },
    ...(n % 4 === 0 ? [steer] : []),
  ];
}

function run(turns: number): Stamped<RunEvent>[] {
  return Array.from({ length: turns }, (_, n) => turn(n + 1))
    .flat()
    .map((event, index) => ({ ...event, seq: index + 1, at: AT }));
}

/** The rows of a transcript that never knew more than these events. */
function plain(events: readonly Stamped<RunEvent>[]) {
  const builder = new RowBuilder();
  builder.add(events);
  return builder.rows;
}

describe("a replay", () => {
  it("shows at every point what the live transcript showed then, in whatever order the points are looked at", () => {
    const events = run(600);
    fc.assert(
      fc.property(fc.array(fc.nat(events.length), { minLength: 1, maxLength: 12 }), (points) => {
        const replay = new Replay(events);
        for (const point of points) expect(replay.rowsAfter(point)).toEqual(plain(events.slice(0, point)));
      }),
      { numRuns: 25 },
    );
  });

  it("never changes what it gave out before", () => {
    const events = run(20);
    const replay = new Replay(events);
    const early = replay.rowsAfter(10);
    const copy = structuredClone(early);
    replay.rowsAfter(events.length);
    replay.rowsAfter(3);
    expect(early).toEqual(copy);
  });

  it("stops where something shows, and marks what people were asked and said", () => {
    const events = run(4);
    const { stops } = new Replay(events);
    expect(stops.map(({ words }) => words).slice(0, 3)).toEqual(["Wrote: words 1", "shell ls 1", "The call ended"]);
    expect(stops.filter(({ mark }) => mark === "gate").map(({ words }) => words)).toEqual(["Consent needed: Run ls 3?"]);
    expect(stops.filter(({ mark }) => mark === "steer").map(({ words }) => words)).toEqual(["Ana Ruiz said: also 4"]);
    expect(stops.every(({ count, seq }) => events[count - 1]?.seq === seq)).toBe(true);
  });

  it("goes on while the run does", () => {
    const events = run(2);
    const later = run(3).slice(events.length);
    const replay = new Replay(events);
    const before = replay.stops;
    events.push(...later);
    expect(replay.stops.slice(0, before.length)).toEqual(before);
    expect(replay.stops.length).toBeGreaterThan(before.length);
    expect(replay.rowsAfter(events.length)).toEqual(plain(events));
  });

  it("goes through a long run step by step without folding it anew each time", () => {
    const events = run(15_000);
    const replay = new Replay(events);
    const started = performance.now();
    for (let point = events.length; point > events.length - 40; point--) replay.rowsAfter(point);
    // Anew each time would be forty folds of a hundred thousand events: many seconds.
    expect(performance.now() - started).toBeLessThan(4_000);
  });
});

describe("the row of a step", () => {
  it("is the one in which the step shows, also when an event only changed it", () => {
    const events = run(4);
    const builder = new RowBuilder();
    builder.add(events);
    const rowOf = (type: RunEvent["type"], nth = 0) => {
      const seq = events.filter((event) => event.type === type)[nth]?.seq ?? 0;
      return builder.rows[builder.rowOf(seq) ?? -1];
    };
    expect(rowOf("block.ended", 2)).toMatchObject({ kind: "block", text: "words 3" });
    expect(rowOf("tool.ended", 2)).toMatchObject({ kind: "tools", calls: [{ call: "call_3" }] });
    expect(rowOf("approval.decided")).toMatchObject({ kind: "gate", gate: { approval: "ap_3" } });
    expect(rowOf("turn.started", 3)).toBeDefined();
    expect(builder.rowOf(1_000)).toBe(builder.rows.length - 1);
    expect(new RowBuilder().rowOf(5)).toBeUndefined();
  });
});

describe("the pace of a replay", () => {
  it("shortens pauses and keeps each step long enough to be seen", () => {
    expect(paceOf(500, 1)).toBe(500);
    expect(paceOf(3_600_000, 1)).toBe(2_000);
    expect(paceOf(3_600_000, 16)).toBe(125);
    expect(paceOf(0, 16)).toBe(60);
    expect(paceOf(-5, 1)).toBe(60);
    expect([nextSpeed(1), nextSpeed(4), nextSpeed(16)]).toEqual([4, 16, 1]);
  });
});
