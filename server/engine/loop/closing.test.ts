import { describe, expect, it } from "vitest";
import { CONFIG, RecordingRoom } from "../testing/recording-room.ts";
import { closing } from "./closing.ts";
import { Narrator } from "./narrator.ts";
import { type CallState, type LoopState, restore } from "./state.ts";
import type { OpenEnds } from "./watched-room.ts";

const { claimed } = new RecordingRoom(["hello"]).claim();
const narrator = new Narrator({
  run: claimed.run,
  config: CONFIG,
  fence: 1,
  runtime: "native",
  model: "rehearsal",
  tools: [],
  skills: [],
  cwd: "/workspace",
  sandbox: "none",
  notices: new Map(),
});

const usage = { input: 0, output: 0, cached: 0, thinking: 0 };

/** A run whose last turn made the calls, standing as given. */
function stateWith(calls: Record<string, CallState>): LoopState {
  const blocks = Object.keys(calls).map((call) => ({ kind: "tool_call" as const, call, name: "shell", input: "{}" }));
  const state = restore(claimed, [{ kind: "assistant", blocks, stop: "tools", usage, cost: 0 }], ["rehearsal"]);
  return { ...state, calls: new Map(Object.entries(calls)) };
}

function close(open: Partial<OpenEnds>, state: LoopState): { events: unknown[]; results: unknown[] } {
  const told = closing({ calls: new Set(), questions: new Set(), blocks: [], ...open }, state, narrator, 1);
  return {
    events: told.flatMap(({ group }) =>
      group.events.map((event) => {
        if (event.type === "tool.ended") return [event.call, event.effect];
        return event.type === "block.ended" ? [event.block, event.kind, event.void] : event.type;
      }),
    ),
    results: told.flatMap(({ entries }) => entries.map((entry) => entry.kind === "result" && [entry.call, entry.ok])),
  };
}

describe("what is open when a run ends", () => {
  it("ends as unknown what had begun, and as not done what waited for people", () => {
    const decided = { call: "c", approval: "ap", digest: "d", decision: "allow" as const, by: [] };
    const calls: Record<string, CallState> = {
      running: { kind: "running" },
      lost: { kind: "lost" },
      asked: { kind: "asked" },
      decided: { kind: "decided", decided },
    };
    expect(close({ calls: new Set(Object.keys(calls)) }, stateWith(calls))).toEqual({
      events: [
        ["running", "unknown"],
        ["lost", "unknown"],
        ["asked", "none"],
        ["decided", "none"],
      ],
      results: [
        ["running", false],
        ["lost", false],
        ["asked", false],
        ["decided", false],
      ],
    });
  });

  it("tells the room nothing of a call it never heard of, and the model that it was not done", () => {
    const { events, results } = close({}, stateWith({ fresh: { kind: "new" }, untold: { kind: "running" } }));
    expect(events).toEqual([]);
    expect(results).toEqual([
      ["fresh", false],
      ["untold", false],
    ]);
  });

  it("closes questions nobody answered, and keeps the answer to the others", () => {
    const state = stateWith({ open: { kind: "new" }, answered: { kind: "new" } });
    const answers = new Map(["answered", "park"].map((question) => [question, { question, by: claimed.run.by, value: "yes" }]));
    const questions = new Set(["open", "answered", "park", "other"]);
    expect(close({ questions }, { ...state, answers })).toEqual({
      events: [
        ["open", "none"],
        ["other", "none"],
      ],
      results: [
        ["open", false],
        ["answered", true],
      ],
    });
  });

  it("ends a call of which the journal knows nothing", () => {
    expect(close({ calls: new Set(["stray"]) }, stateWith({})).events).toEqual([["stray", "unknown"]]);
  });

  it("voids open blocks", () => {
    const blocks = [{ block: "blk_1", kind: "thinking" }];
    expect(close({ blocks }, stateWith({}))).toEqual({ events: [["blk_1", "thinking", true]], results: [] });
  });
});
