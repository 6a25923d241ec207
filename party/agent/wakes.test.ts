import { describe, expect, it } from "vitest";
import { LIMITS } from "../protocol/limits.ts";
import { AgentPlay, OLGA } from "./testing/agent.ts";

const issue = { kind: "issue" as const, id: "is_1" };
const byAgent = {
  source: "agent" as const,
  requestedBy: { id: "ag_2", name: "Other", kind: "agent" as const },
  reason: "Delegated",
};

describe("waking an agent", () => {
  it("queues a run and asks for a runner at once", () => {
    const play = new AgentPlay();
    const run = play.woken({ prompt: "Tidy up the folder\nand more" });
    expect(play.ofType("run.queued")).toMatchObject([{ run, title: "Tidy up the folder" }]);
    expect(play.last?.dispatch).toEqual([{ run, fence: 1, agent: "ag_1", company: "co_1" }]);
    expect(play.last?.journal).toMatchObject([
      { run, from: 0, entries: [{ kind: "prompt", data: { text: expect.any(String) } }] },
    ]);
  });

  it("gives every run a title, whatever woke it", () => {
    const play = new AgentPlay();
    const file = { file: "fi_1", name: "Lease 2026.pdf", mime: "application/pdf", bytes: 10 };
    const titles = [
      { prompt: "", attachments: [file], reason: "A message" },
      { prompt: '@tool shell {"command":"ls"}', reason: "Asked in the room" },
      { prompt: " \n ", reason: "Every morning" },
      { prompt: "", reason: "" },
      { prompt: "w".repeat(5_000) },
    ].map((wake) => play.view(play.woken(wake)).title);
    expect(titles.slice(0, 4)).toEqual(["Lease 2026.pdf", "Asked in the room", "Every morning", "Untitled"]);
    expect(titles[4]).toMatch(/^w+…$/);
  });

  it("drops a repeated key and names the first run", () => {
    const play = new AgentPlay();
    const wake = play.wakeOf();
    play.do({ kind: "op", op: { op: "wake", wake } });
    const first = play.last?.result;
    play.do({ kind: "op", op: { op: "wake", wake } });
    expect(play.last?.result).toEqual(first);
    expect(play.ofType("run.queued")).toHaveLength(1);
  });

  it("forgets a key after a day", () => {
    const play = new AgentPlay();
    const wake = play.wakeOf();
    play.do({ kind: "op", op: { op: "wake", wake } });
    play.now += LIMITS.commandDedupeMs + 1;
    play.woken();
    play.do({ kind: "op", op: { op: "wake", wake } });
    expect(play.ofType("run.queued")).toHaveLength(3);
  });

  it("merges wakes of one subject until the run starts, and keeps every prompt", () => {
    const play = new AgentPlay();
    const busy = play.woken();
    play.hold(busy);
    const run = play.woken({ subject: issue, prompt: "First" });
    expect(play.woken({ subject: issue, prompt: "Second" })).toBe(run);
    expect(play.last?.result).toEqual({ runId: run, merged: true });
    expect(play.last?.journal).toMatchObject([{ run, from: 1, entries: [{ data: { text: "Second" } }] }]);
    expect(play.woken({ subject: { kind: "issue", id: "is_2" } })).not.toBe(run);
    expect(play.woken({ subject: { kind: "session", id: "is_1" } })).not.toBe(run);
    expect(play.view(run).wakes).toBe(2);
    play.command({ type: "run.cancel", run: busy });
  });

  it("does not merge into a run that a runner already has", () => {
    const play = new AgentPlay();
    const run = play.woken({ subject: issue });
    play.hold(run);
    expect(play.woken({ subject: issue })).not.toBe(run);
  });

  it.each([
    ["not_ready", (play: AgentPlay) => Object.assign(play, { state: { ...play.state, config: undefined } })],
    ["retired", (play: AgentPlay) => play.configure({ retired: true })],
    ["paused", (play: AgentPlay) => play.command({ type: "agent.pause" })],
    ["stopped", (play: AgentPlay) => play.deliver({ kind: "stop", by: OLGA })],
  ])("refuses with %s and a sentence", (code, prepare) => {
    const play = new AgentPlay();
    prepare(play);
    const refused = play.wake();
    expect(refused).toMatchObject({ ok: false, code });
    expect(refused?.message).toMatch(/\.$/);
  });

  it("refuses when the queue is full", () => {
    const play = new AgentPlay();
    for (let i = 0; i <= LIMITS.queueLength; i++) play.wake();
    expect(play.wake()).toMatchObject({ code: "queue_full" });
    expect(play.state.queue).toHaveLength(LIMITS.queueLength);
  });

  it("tells the conversation why nobody answers", () => {
    const play = new AgentPlay();
    play.command({ type: "agent.pause" });
    const wake = play.wakeOf({ source: "chat", subject: { kind: "session", id: "ss_1" } });
    expect(
      play.take({ kind: "message", from: { party: "session", room: "ss_1" }, message: { kind: "wake", wake } }),
    ).toBeUndefined();
    expect(play.said("answer.ended")).toMatchObject([
      { outcome: "paused", run: wake.key, note: expect.stringContaining("paused") },
    ]);
  });

  it("parks an agent that machines alone keep waking for the same thing", () => {
    const play = new AgentPlay();
    for (let i = 0; i < LIMITS.loopWakes; i++) play.woken(byAgent);
    play.do({ kind: "op", op: { op: "wake", wake: play.wakeOf(byAgent) } });
    expect(play.last?.result).toEqual({ refused: "loop" });
    expect(play.state.status).toMatchObject({ kind: "paused", reason: "loop" });
    expect(play.ofType("run.queued")).toHaveLength(LIMITS.loopWakes);
    expect(play.wake()).toMatchObject({ code: "paused" });
    play.command({ type: "agent.resume" });
    expect(play.wake(byAgent)).toBeUndefined();
  });

  it("does not call it a loop when people wake it, for different reasons, or over a longer time", () => {
    const play = new AgentPlay();
    for (let i = 0; i < 20; i++) {
      play.woken({ source: "comment" });
      play.woken({ ...byAgent, reason: `Reason ${i}` });
    }
    for (let i = 0; i < 20; i++) {
      play.woken(byAgent);
      play.now += LIMITS.loopWindowMs / LIMITS.loopWakes + 1;
    }
    expect(play.state.status.kind).toBe("ready");
  });
});

describe("the queue", () => {
  it("starts runs in order, as many at once as the agent may", () => {
    const play = new AgentPlay({ maxConcurrentRuns: 2 });
    const runs = [play.woken(), play.woken(), play.woken(), play.woken()];
    expect(runs.map((run) => play.run(run).at.kind)).toEqual(["dispatched", "dispatched", "ready", "ready"]);
    const first = play.hold(runs[0] ?? "");
    first.end();
    expect(play.run(runs[2] ?? "").at.kind).toBe("dispatched");
    expect(play.run(runs[3] ?? "").at.kind).toBe("ready");
  });

  it("starts what was put first, and refuses an order of another queue", () => {
    const play = new AgentPlay();
    const [busy, a, b, c] = [play.woken(), play.woken(), play.woken(), play.woken()];
    const runner = play.hold(busy);
    expect(play.command({ type: "queue.reorder", queue: [c, a] })).toMatchObject({ code: "conflict" });
    expect(play.command({ type: "queue.reorder", queue: [c, a, b, b] })).toMatchObject({ code: "conflict" });
    play.command({ type: "queue.reorder", queue: [c, a, b] });
    runner.end();
    expect(play.run(c).at.kind).toBe("dispatched");
  });

  it("lets a run go on before another one starts", () => {
    const play = new AgentPlay();
    const first = play.woken();
    const second = play.woken();
    play.hold(first).park("call_1");
    const runner = play.hold(second);
    const third = play.woken();
    play.decided(first, "call_1", "allow");
    expect(play.run(first).at.kind).toBe("ready");
    runner.end();
    expect(play.run(first).at.kind).toBe("dispatched");
    expect(play.run(third).at.kind).toBe("ready");
  });

  it("asks again after a second when no runner is free, with a higher fence", () => {
    const play = new AgentPlay();
    const run = play.woken();
    play.do({ kind: "dispatched", run, fence: 1, runner: undefined });
    expect(play.run(run).at).toMatchObject({ kind: "ready" });
    play.wait(LIMITS.dispatchRetryMs);
    expect(play.run(run).at).toMatchObject({ kind: "dispatched", fence: 2 });
  });

  it("asks again when a runner took the run and never came", () => {
    const play = new AgentPlay();
    const run = play.woken();
    play.do({ kind: "dispatched", run, fence: 1, runner: "rn_1" });
    play.wait(LIMITS.dispatchTimeoutMs);
    expect(play.run(run).at).toMatchObject({ kind: "dispatched", fence: 2 });
  });

  it("wants no alarm for runs that only wait for a slot or for a resume", () => {
    const play = new AgentPlay();
    play.hold(play.woken()).park("call_1");
    expect(play.priv.main.fence).toBe(1);
    play.command({ type: "agent.pause" });
    const due = () => {
      const before = play.now;
      play.wait(3_600_000);
      return play.now - before;
    };
    expect(due()).toBe(3_600_000);
    expect(play.priv.main.fence).toBe(1);
  });
});
