import { describe, expect, it } from "vitest";
import { LIMITS } from "../protocol/limits.ts";
import { AgentPlay, called, ENDED, Runner, started } from "./testing/agent.ts";

const log = { type: "log" as const, level: "info" as const, text: "x" };

describe("the lease of a run", () => {
  it("goes to the runner with the dispatched fence, and to no other", () => {
    const play = new AgentPlay();
    const run = play.woken();
    const fence = play.fenceOf(run);
    expect(new Runner(play, run, "rn_1", fence + 1).tryClaim()).toMatchObject({ code: "fenced" });
    expect(new Runner(play, run, "rn_1", fence - 1).tryClaim()).toMatchObject({ code: "fenced" });
    expect(new Runner(play, "run_x", "rn_1", fence).tryClaim()).toMatchObject({ code: "not_found" });
    new Runner(play, run, "rn_1", fence).claim();
    expect(new Runner(play, run, "rn_2", fence).tryClaim()).toMatchObject({ code: "fenced" });
  });

  it("is given back to its runner after a broken connection, where its frames stopped", () => {
    const play = new AgentPlay();
    const run = play.woken();
    const runner = play.hold(run);
    runner.send([log]);
    expect(new Runner(play, run, "rn_1", runner.fence).claim()).toMatchObject({ last: 2 });
    expect(play.ofType("log")).toHaveLength(1);
  });

  it("takes each frame once and none out of order", () => {
    const play = new AgentPlay();
    const runner = play.hold(play.woken());
    runner.send([log]);
    expect(runner.try([log], { n: 2 })).toBeUndefined();
    expect(runner.try([log], { n: 9 })).toMatchObject({ code: "gap" });
    expect(play.ofType("log")).toHaveLength(1);
  });

  it("passes to another runner when it is not renewed, with a higher fence and the next attempt", () => {
    const play = new AgentPlay();
    const run = play.woken();
    const silent = play.hold(run);
    play.wait(LIMITS.leaseTtlMs);
    expect(play.view(run).state).toBe("retrying");
    const next = play.hold(run, "rn_2");
    expect(next.fence).toBeGreaterThan(silent.fence);
    expect(play.said("approval.lost")).toEqual([{ kind: "approval.lost", run, below: silent.fence + 1 }]);
    for (const refused of [silent.try([log]), silent.renew(), silent.tryClaim()])
      expect(refused).toMatchObject({ code: "fenced" });
    expect(play.ofType("log")).toHaveLength(0);
  });

  it("lives on with renewals and with events", () => {
    const play = new AgentPlay();
    const run = play.woken();
    const runner = play.hold(run);
    for (let i = 0; i < 20; i++) {
      play.wait(LIMITS.leaseTtlMs - 1);
      expect(i % 2 ? runner.renew() : runner.try([log])).toBeUndefined();
    }
    expect(play.run(run).at).toMatchObject({ kind: "leased", lease: { fence: runner.fence } });
  });

  it("ends at once when its runner is reported dead, held or only dispatched", () => {
    const play = new AgentPlay({ maxConcurrentRuns: 3 });
    const [held, other] = [play.woken(), play.woken()];
    const runner = play.hold(held, "rn_1");
    play.hold(other, "rn_2");
    play.do({ kind: "op", op: { op: "runner.gone", runner: "rn_1" } });
    expect(runner.renew()).toMatchObject({ code: "fenced" });
    expect(play.run(held).at.kind).toBe("dispatched");
    expect(play.run(other).at.kind).toBe("leased");
  });

  it("gets a full TTL after a restart, once", () => {
    const play = new AgentPlay();
    const run = play.woken();
    play.hold(run);
    play.now += LIMITS.leaseTtlMs - 1;
    play.restart();
    play.wait(LIMITS.leaseTtlMs - 1);
    expect(play.run(run).at.kind).toBe("leased");
    // A room that only its own alarm wakes must not renew a silent runner's lease forever.
    play.restart();
    play.wait(1);
    expect(play.run(run).at.kind).toBe("dispatched");
  });

  it("gets another full TTL after a restart when its runner was heard in between", () => {
    const play = new AgentPlay();
    const run = play.woken();
    const runner = play.hold(run);
    play.restart();
    runner.renew();
    play.now += LIMITS.leaseTtlMs - 1;
    play.restart();
    play.wait(LIMITS.leaseTtlMs - 1);
    expect(play.run(run).at.kind).toBe("leased");
  });

  it("is not held for an hour because the clock was set back, nor is a run that paused a second", () => {
    const play = new AgentPlay({ maxConcurrentRuns: 2 });
    const leased = play.woken();
    play.hold(leased);
    play.restart();
    const paused = play.woken();
    play.do({ kind: "dispatched", run: paused, fence: play.fenceOf(paused), runner: undefined });
    play.now -= 3_600_000;
    play.restart();
    expect(play.run(paused).at.kind).toBe("dispatched");
    play.wait(LIMITS.leaseTtlMs);
    expect(play.run(leased).at.kind).toBe("dispatched");
  });

  it("is not taken early because the clock was set forward", () => {
    const play = new AgentPlay();
    const run = play.woken();
    play.hold(run);
    play.now += 3_600_000;
    play.do({ kind: "tick" });
    expect(play.run(run).at.kind).toBe("leased");
    play.wait(LIMITS.leaseTtlMs);
    expect(play.run(run).at.kind).toBe("dispatched");
  });

  it("ends the run as interrupted after three lost attempts, and says what to do", () => {
    const play = new AgentPlay();
    const run = play.woken();
    for (let attempt = 1; attempt <= LIMITS.runAttempts; attempt++) {
      play.hold(run, `rn_${attempt}`).send([started(attempt, attempt), called("call_1")]);
      play.wait(LIMITS.leaseTtlMs);
    }
    expect(play.ofType("run.ended")).toMatchObject([
      { outcome: "interrupted", error: { retryable: true, whatToDo: expect.any(String) } },
    ]);
    expect(play.ofType("tool.ended")).toMatchObject([{ call: "call_1", ok: false, effect: "unknown" }]);
    expect(play.live).toEqual([]);
    expect(play.last?.forget).toEqual([run]);
  });

  it("tells the next runner which calls and blocks were left open", () => {
    const play = new AgentPlay();
    const run = play.woken();
    play.hold(run).send([{ type: "block.started", block: "b1", kind: "text" }, called("call_1"), called("call_2")]);
    play.wait(LIMITS.leaseTtlMs);
    const next = new Runner(play, run, "rn_2", play.fenceOf(run));
    expect(next.claim().calls.map(({ call, ended }) => [call, ended])).toEqual([
      ["call_1", false],
      ["call_2", false],
    ]);
    expect(play.last?.result).toMatchObject({ run: { attempt: 2 }, openBlocks: [{ block: "b1", kind: "text" }] });
  });
});

describe("the end of a run", () => {
  it("comes once: with it goes the lease, what was asked for, and the journal", () => {
    const play = new AgentPlay();
    const run = play.woken({ subject: { kind: "session", id: "ss_1" } });
    const runner = play.hold(run);
    runner.end();
    expect(runner.try([log])).toMatchObject({ code: "fenced" });
    expect(play.view(run)).toMatchObject({ state: "ended", outcome: "done" });
    expect(play.said("approval.cancel")).toMatchObject([{ run }]);
    expect(play.said("answer.ended")).toMatchObject([{ run, text: "Done." }]);
    expect(play.command({ type: "run.cancel", run })).toMatchObject({ code: "conflict" });
  });

  it("refuses a frame in which something follows the end, or an end and its release are apart", () => {
    const play = new AgentPlay();
    const runner = play.hold(play.woken());
    expect(runner.try([ENDED, log], { release: "end" })).toMatchObject({ code: "invalid" });
    expect(runner.try([ENDED, ENDED], { release: "end" })).toMatchObject({ code: "invalid" });
    expect(runner.try([ENDED])).toMatchObject({ code: "invalid" });
    expect(runner.try([log], { release: "end" })).toMatchObject({ code: "invalid" });
    expect(runner.try([ENDED], { release: "end" })).toBeUndefined();
  });

  it("refuses events of another run and those that only the room makes", () => {
    const play = new AgentPlay({ maxConcurrentRuns: 2 });
    const [mine, other] = [play.woken(), play.woken()];
    const runner = play.hold(mine);
    play.hold(other, "rn_2");
    const foreign = { v: 1 as const, run: other, src: { runtime: "native" }, ...log };
    const frame = { type: "events" as const, fence: runner.fence, n: 2, events: [foreign] };
    expect(play.take({ kind: "feeder", frame, held: runner.hold })).toMatchObject({ code: "invalid" });
    expect(
      runner.try([{ type: "steer.queued", steer: "st_1", by: { id: "x", name: "x", kind: "agent" }, text: "x" }]),
    ).toMatchObject({
      code: "invalid",
    });
  });
});
