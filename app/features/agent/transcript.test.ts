import { describe, expect, it } from "vitest";
import type { RunEvent, Stamped } from "../../../party/protocol/run-events.ts";
import { Transcript } from "./transcript.ts";

const ANA = { id: "u_1", name: "Ana Ruiz", kind: "person" } as const;
const BASE = { v: 1, run: "run_1", src: { runtime: "native" }, at: "2026-01-01T00:00:00.000Z" } as const;
const immediately = (run: () => void): void => run();

function said(seq: number, text: string): Stamped<RunEvent> {
  return { ...BASE, seq, type: "message.user", by: ANA, text, via: "prompt" };
}

/** Records that answer in pages of two, and can be held back. */
function records(events: Stamped<RunEvent>[]) {
  return async (after: number) => {
    const rest = events.filter((event) => event.seq > after);
    return { items: rest.slice(0, 2), more: rest.length > 2, stale: false };
  };
}

function texts(transcript: Transcript): unknown[] {
  return transcript.getView().rows.map((row) => (row.kind === "user" || row.kind === "block" ? row.text : row.kind));
}

describe("a transcript", () => {
  it("joins the records and the room by seq, each event once", async () => {
    const stored = [said(1, "a"), said(3, "b"), said(4, "c")];
    const transcript = new Transcript("run_1", records(stored), immediately);
    const loading = transcript.start();
    transcript.listener.events?.([said(4, "c"), said(7, "d")]);
    await loading;
    transcript.listener.events?.([said(7, "d"), said(9, "e")]);
    expect(texts(transcript)).toEqual(["a", "b", "c", "d", "e"]);
    expect(transcript.getView().load).toBe("ready");
  });

  it("marks what a lost attempt had said as broken off, and keeps a turn that had ended", async () => {
    const say = (seq: number, turn: number, block: string): Stamped<RunEvent>[] => [
      { ...BASE, seq, turn, type: "block.started", block, kind: "text" },
      { ...BASE, seq: seq + 1, turn, type: "block.ended", block, kind: "text", text: block },
    ];
    const usage = { input: 0, output: 0, cached: 0, thinking: 0 };
    const begin = (seq: number, attempt: number): Stamped<RunEvent> => ({
      ...BASE,
      ...{ seq, type: "run.started", runtime: "native", model: "rehearsal", tools: [], skills: [], mcp: [] },
      ...{ cwd: "/workspace", attempt, fence: attempt, sandbox: "bubblewrap" },
    });
    const events: Stamped<RunEvent>[] = [
      begin(1, 1),
      { ...BASE, seq: 2, turn: 1, type: "turn.started", model: "rehearsal" },
      ...say(3, 1, "first"),
      { ...BASE, seq: 5, turn: 1, type: "turn.ended", stop: "tools", usage, cost: 0 },
      { ...BASE, seq: 6, turn: 2, type: "turn.started", model: "rehearsal" },
      ...say(7, 2, "lost"),
      begin(9, 2),
      { ...BASE, seq: 10, turn: 2, type: "turn.started", model: "rehearsal" },
      ...say(11, 2, "again"),
    ];
    const transcript = new Transcript("run_1", async () => ({ items: events, more: false, stale: false }), immediately);
    await transcript.start();
    const states = transcript.getView().rows.flatMap((row) => (row.kind === "block" ? [[row.text, row.state]] : []));
    expect(states).toEqual([
      ["first", "closed"],
      ["lost", "void"],
      ["again", "closed"],
    ]);
  });

  it("takes no events of other runs", async () => {
    const transcript = new Transcript("run_1", records([]), immediately);
    await transcript.start();
    transcript.listener.events?.([{ ...said(2, "other"), run: "run_2" }]);
    expect(texts(transcript)).toEqual([]);
  });

  it("reads what lies before the room's snapshot after a reset, and starts over after a second one", async () => {
    const stored = [said(1, "a")];
    const transcript = new Transcript("run_1", records(stored), immediately);
    await transcript.start();
    stored.push(said(2, "b"));
    transcript.listener.reset?.();
    await expect.poll(() => texts(transcript)).toEqual(["a", "b"]);
    stored.splice(0, 2, said(5, "restored"));
    transcript.listener.reset?.();
    await expect.poll(() => texts(transcript)).toEqual(["restored"]);
  });

  it("shows what comes live when the records cannot be read, and is whole after another try", async () => {
    let down = true;
    const stored = [said(1, "a"), said(2, "b"), said(3, "c")];
    const load = records(stored);
    const transcript = new Transcript("run_1", (after) => (down ? Promise.reject(new Error("down")) : load(after)), immediately);
    await transcript.start();
    transcript.listener.events?.([said(3, "c")]);
    expect(transcript.getView().load).toBe("failed");
    expect(texts(transcript)).toEqual(["c"]);
    down = false;
    await transcript.start();
    expect(texts(transcript)).toEqual(["a", "b", "c"]);
  });

  it("does not take the records for whole while the room did not answer them", async () => {
    let away = true;
    const transcript = new Transcript(
      "run_1",
      async (after) => ({ items: after === 0 ? [said(1, "a")] : away ? [] : [said(2, "b")], more: false, stale: away }),
      immediately,
    );
    await transcript.start();
    expect(transcript.getView()).toMatchObject({ load: "failed", rows: [{ text: "a" }] });
    away = false;
    await transcript.start();
    expect(transcript.getView()).toMatchObject({ load: "ready" });
  });
});

describe("text that is being written", () => {
  const delta = (offset: number, text: string) =>
    ({ type: "block.delta", run: "run_1", block: "b1", kind: "text", offset, text }) as const;

  it("grows by its offsets, is not doubled by a repeat, and waits rather than show a hole", async () => {
    const transcript = new Transcript("run_1", records([]), immediately);
    transcript.listener.live?.([delta(0, "Hello"), delta(5, " wor")]);
    transcript.listener.live?.([delta(0, "Hello wor")]);
    transcript.listener.live?.([delta(20, "lost")]);
    expect(transcript.live.read("b1")).toBe("Hello wor");
    transcript.listener.live?.([delta(9, "ld")]);
    expect(transcript.live.read("b1")).toBe("Hello world");
  });

  it("gives way to the whole text of the log", async () => {
    const transcript = new Transcript("run_1", records([]), immediately);
    await transcript.start();
    transcript.listener.events?.([{ ...BASE, seq: 1, type: "block.started", block: "b1", kind: "text" }]);
    transcript.listener.live?.([delta(0, "Hel")]);
    transcript.listener.events?.([{ ...BASE, seq: 2, type: "block.ended", block: "b1", kind: "text", text: "Hello" }]);
    expect(transcript.live.read("b1")).toBe("");
    expect(texts(transcript)).toEqual(["Hello"]);
  });
});

describe("rows", () => {
  it("group calls that stand together and fill in their ends, files and consent", async () => {
    const transcript = new Transcript("run_1", records([]), immediately);
    await transcript.start();
    const call = (seq: number, id: string, name: string): Stamped<RunEvent> => ({
      ...BASE,
      seq,
      type: "tool.called",
      call: id,
      name,
      origin: "native",
      input: "{}",
      policy: "auto",
      risk: "read",
    });
    transcript.listener.events?.([
      call(1, "c1", "read_file"),
      call(2, "c2", "shell"),
      {
        ...BASE,
        seq: 3,
        type: "approval.asked",
        approval: "ap_1",
        call: "c2",
        digest: "0".repeat(64),
        risk: "write",
        quorum: { need: 1 },
        expiresAt: BASE.at,
        question: "Run it?",
      },
      { ...BASE, seq: 4, type: "approval.decided", approval: "ap_1", call: "c2", decision: "allow", by: [] },
      { ...BASE, seq: 5, type: "file.changed", call: "c2", path: "a.txt", op: "added", added: 2, removed: 0 },
      { ...BASE, seq: 6, type: "tool.ended", call: "c2", ok: true, output: "done", ms: 3, effect: "done" },
    ]);
    const [tools, gate, ...rest] = transcript.getView().rows;
    expect(rest).toEqual([]);
    expect(tools).toMatchObject({
      kind: "tools",
      calls: [{ call: "c1" }, { call: "c2", end: { output: "done" }, files: [{ path: "a.txt" }] }],
    });
    expect(gate).toMatchObject({ kind: "gate", gate: { name: "shell", question: "Run it?", decision: { kind: "allow" } } });
  });

  it("close an ask whose call ended before anyone decided, and leave a decided one as it was", async () => {
    const transcript = new Transcript("run_1", records([]), immediately);
    await transcript.start();
    const ask = (seq: number, approval: string, call: string): Stamped<RunEvent> => ({
      ...{ ...BASE, seq, type: "approval.asked", approval, call, digest: "0".repeat(64), risk: "write" },
      ...{ quorum: { need: 1 }, expiresAt: BASE.at, question: "Run it?" },
    });
    const ended = (seq: number, call: string): Stamped<RunEvent> => ({
      ...{ ...BASE, seq, type: "tool.ended", call, ok: false, output: "", ms: 0, effect: "none" },
    });
    const usage = { input: 0, output: 0, cached: 0, thinking: 0 };
    transcript.listener.events?.([
      ask(1, "ap_1", "c1"),
      ask(2, "ap_2", "c2"),
      { ...BASE, seq: 3, type: "question.asked", question: "q_1", text: "Warm?", options: [] },
      { ...BASE, seq: 4, type: "approval.decided", approval: "ap_1", call: "c1", decision: "deny", by: [] },
      ended(5, "c1"),
      ended(6, "c2"),
    ]);
    const gates = () => transcript.getView().rows.flatMap((row) => (row.kind === "gate" ? [row.gate] : []));
    expect(gates()).toMatchObject([{ decision: { kind: "deny" } }, { brokenOffAt: BASE.at }]);
    expect(gates()[0]?.brokenOffAt).toBeUndefined();
    expect(transcript.getView().rows[2]).not.toHaveProperty("brokenOff");
    transcript.listener.events?.([{ ...BASE, seq: 7, type: "run.ended", outcome: "aborted", usage, cost: 0, ms: 1 }]);
    expect(transcript.getView().rows[2]).toMatchObject({ kind: "question", brokenOff: true });
  });
});
