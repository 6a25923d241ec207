import { describe, expect, it } from "vitest";
import { LIMITS } from "../protocol/limits.ts";
import { AgentPlay, asked, BEN, called, OLGA } from "./testing/agent.ts";

const ANNA = { ...BEN, id: "u_anna", name: "Anna" };

describe("cancelling a run", () => {
  it("ends one that nobody holds at once", () => {
    const play = new AgentPlay();
    const run = play.woken();
    play.command({ type: "run.cancel", run });
    expect(play.ofType("run.ended")).toMatchObject([{ run, outcome: "aborted", by: { id: OLGA.id } }]);
    expect(play.state.queue).toEqual([]);
  });

  it("asks the runner that holds it, and ends it when that one dies", () => {
    const play = new AgentPlay();
    const run = play.woken();
    play.hold(run);
    play.command({ type: "run.cancel", run });
    expect(play.last?.tell).toEqual([{ run, answer: { type: "cancel", by: expect.objectContaining({ id: OLGA.id }) } }]);
    expect(play.view(run).state).toBe("running");
    play.wait(LIMITS.leaseTtlMs);
    expect(play.ofType("run.ended")).toMatchObject([{ outcome: "aborted" }]);
  });

  it("ends one whose release crossed the cancel", () => {
    const play = new AgentPlay();
    const run = play.woken();
    const runner = play.hold(run);
    play.command({ type: "run.cancel", run });
    runner.park("call_1");
    expect(play.ofType("run.ended")).toMatchObject([{ outcome: "aborted" }]);
    expect(play.live).toEqual([]);
  });

  it("is a member's right for their own run, and an operator's for anybody's", () => {
    const play = new AgentPlay();
    const run = play.woken();
    expect(play.command({ type: "run.cancel", run }, ANNA)).toMatchObject({ code: "forbidden" });
    expect(play.command({ type: "run.cancel", run }, BEN)).toBeUndefined();
  });

  it("from the queue leaves a run alone that has started", () => {
    const play = new AgentPlay();
    const run = play.woken();
    play.hold(run);
    expect(play.command({ type: "queue.cancel", run })).toMatchObject({ code: "conflict" });
  });

  it("says apart what has ended and what never was", () => {
    const play = new AgentPlay();
    const run = play.woken();
    play.command({ type: "run.cancel", run });
    expect(play.command({ type: "run.cancel", run })).toMatchObject({ code: "conflict" });
    expect(play.command({ type: "run.cancel", run: "run_x" })).toMatchObject({ code: "not_found" });
  });
});

describe("interrupting a run", () => {
  it("parks it until somebody says something", () => {
    const play = new AgentPlay();
    const run = play.woken();
    const runner = play.hold(run);
    play.command({ type: "run.interrupt", run });
    expect(play.last?.tell).toMatchObject([{ run, answer: { type: "interrupt" } }]);
    runner.send([], { release: "wait" });
    expect(play.run(run).at.kind).toBe("interrupted");
    expect(play.view(run)).toMatchObject({ state: "waiting", why: expect.stringContaining("Stopped by Olga") });
    play.command({ type: "run.steer", run, text: "Go on, but slowly" });
    const next = play.hold(run, "rn_2");
    expect(next.claim()).toMatchObject({ interrupted: false });
    expect(play.last?.result).toMatchObject({ steers: [{ text: "Go on, but slowly" }] });
  });

  it("is told to the next runner when the first one died of it", () => {
    const play = new AgentPlay();
    const run = play.woken();
    play.hold(run);
    play.command({ type: "run.interrupt", run });
    play.wait(LIMITS.leaseTtlMs);
    const next = play.hold(run, "rn_2");
    expect(next.claim()).toMatchObject({ interrupted: true });
    next.send([], { release: "wait" });
    expect(play.run(run).at.kind).toBe("interrupted");
  });

  it("that crossed a release for consent ends with a person's decision, not with an expiry", () => {
    for (const [decision, at] of [
      ["allow", "dispatched"],
      ["deny", "dispatched"],
      ["expired", "interrupted"],
    ] as const) {
      const play = new AgentPlay();
      const run = play.woken();
      const runner = play.hold(run);
      play.command({ type: "run.interrupt", run });
      runner.park("call_1");
      expect(play.run(run).at.kind).toBe("interrupted");
      play.decided(run, "call_1", decision);
      expect(play.run(run).at.kind).toBe(at);
    }
  });

  it("is refused when nothing runs", () => {
    const play = new AgentPlay();
    expect(play.command({ type: "run.interrupt", run: play.woken() })).toMatchObject({ code: "not_running" });
  });
});

describe("steering a run", () => {
  it("is told to its runner, kept until applied, and told again to the next one", () => {
    const play = new AgentPlay();
    const run = play.woken();
    const runner = play.hold(run);
    play.command({ type: "run.steer", run, text: "Look left" }, BEN);
    const steer = String(play.last?.result?.steer);
    expect(play.last?.tell).toMatchObject([{ answer: { type: "steer", steer, text: "Look left" } }]);
    play.command({ type: "run.steer", run, text: "Look right" }, BEN);
    runner.send([{ type: "steer.applied", steer }]);
    expect(play.run(run).steers.map(({ text }) => text)).toEqual(["Look right"]);
    expect(play.view(run).steers.map(({ state }) => state)).toEqual(["applied", "queued"]);
  });

  it("has a limit", () => {
    const play = new AgentPlay();
    const run = play.woken();
    for (let i = 0; i < 8; i++) expect(play.command({ type: "run.steer", run, text: "x" })).toBeUndefined();
    expect(play.command({ type: "run.steer", run, text: "x" })).toMatchObject({ code: "too_many" });
  });

  it("does not wake a run that waits for consent", () => {
    const play = new AgentPlay();
    const run = play.woken();
    play.hold(run).park("call_1");
    play.command({ type: "run.steer", run, text: "Hurry" });
    expect(play.run(run).at.kind).toBe("waiting");
  });
});

describe("consent, as the agent's room sees it", () => {
  it("lets a parked run go on once everything asked is decided, each decision counted once", () => {
    const play = new AgentPlay();
    const run = play.woken();
    play.hold(run).send([...asked("call_1"), ...asked("call_2")], { release: "wait" });
    play.decided(run, "call_1", "allow");
    expect(play.run(run).at.kind).toBe("waiting");
    play.decided(run, "call_1", "deny");
    expect(play.ofType("approval.decided")).toHaveLength(1);
    play.decided(run, "call_2", "deny");
    expect(play.run(run).at.kind).toBe("dispatched");
    const next = play.hold(run, "rn_2");
    expect(next.claim().calls.map(({ call, approval }) => [call, approval?.decision])).toEqual([
      ["call_1", "allow"],
      ["call_2", "deny"],
    ]);
    expect(play.last?.result).toMatchObject({ run: { attempt: 1 } });
  });

  it("lets a run go on at once that was decided between its ask and its release", () => {
    const play = new AgentPlay();
    const run = play.woken();
    const runner = play.hold(run);
    runner.send(asked("call_1"));
    play.decided(run, "call_1", "allow");
    expect(play.last?.tell).toMatchObject([{ answer: { type: "decided", call: "call_1", decision: "allow" } }]);
    runner.send([], { release: "wait" });
    expect(play.run(run).at.kind).toBe("dispatched");
  });

  it("ignores a decision for another approval, an ended call or an ended run", () => {
    const play = new AgentPlay();
    const run = play.woken();
    const runner = play.hold(run);
    runner.send(asked("call_1"));
    const events = play.events.length;
    play.deliver({
      kind: "approval.decided",
      approval: "ap_x",
      run,
      call: "call_1",
      digest: "d".repeat(64),
      decision: "allow",
      by: [],
    });
    play.decided(run, "call_x", "allow");
    play.decided("run_x", "call_1", "allow");
    expect(play.events.length).toBe(events);
  });

  it("says of a call that waited for consent when its run ended that it had no effect", () => {
    const play = new AgentPlay();
    const run = play.woken();
    play.hold(run).send([called("call_0"), ...asked("call_1")], { release: "wait" });
    play.command({ type: "run.cancel", run });
    expect(play.ofType("tool.ended").map(({ call, effect }) => [call, effect])).toEqual([
      ["call_0", "unknown"],
      ["call_1", "none"],
    ]);
  });

  it("lets a run go on when its question is answered, once", () => {
    const play = new AgentPlay();
    const run = play.woken();
    play.hold(run).send([{ type: "question.asked", question: "q_1", text: "Which?", options: [] }], {
      questions: [{ id: "q_1", text: "Which?", options: [] }],
      release: "wait",
    });
    expect(play.run(run).at.kind).toBe("waiting");
    for (const value of ["this", "that"]) play.deliver({ kind: "question.answered", question: "q_1", run, by: OLGA, value });
    expect(play.ofType("question.answered")).toMatchObject([{ value: "this" }]);
    expect(play.run(run).at.kind).toBe("dispatched");
  });
});

describe("pausing and stopping an agent", () => {
  it("lets running work go on, starts nothing, and starts everything after", () => {
    const play = new AgentPlay();
    const [busy, next] = [play.woken(), play.woken()];
    const runner = play.hold(busy);
    play.command({ type: "agent.pause" });
    runner.end();
    expect(play.run(next).at.kind).toBe("ready");
    play.command({ type: "agent.resume" });
    expect(play.run(next).at.kind).toBe("dispatched");
  });

  it("by stop everything cancels all and takes nothing new", () => {
    const play = new AgentPlay({ maxConcurrentRuns: 2 });
    const [held, parked, waiting] = [play.woken(), play.woken(), play.woken()];
    play.hold(held);
    play.hold(parked, "rn_2").park("call_1");
    play.deliver({ kind: "stop", by: OLGA });
    expect(
      play
        .ofType("run.ended")
        .map(({ run }) => run)
        .sort(),
    ).toEqual([parked, waiting].sort());
    expect(play.last?.tell).toMatchObject([{ run: held, answer: { type: "cancel" } }]);
    expect(play.wake()).toMatchObject({ code: "stopped" });
  });

  it("by retiring cancels all for good", () => {
    const play = new AgentPlay();
    play.woken();
    play.configure({ retired: true });
    expect(play.live).toEqual([]);
    expect(play.command({ type: "agent.resume" })).toMatchObject({ ok: false });
    expect(play.wake()).toMatchObject({ code: "retired" });
  });
});
