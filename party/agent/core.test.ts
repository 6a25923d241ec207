import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { liveRuns } from "../protocol/agent-state.ts";
import { LIMITS } from "../protocol/limits.ts";
import { AgentPlay, asked, BEN, called, ENDED, OLGA, Runner, started } from "./testing/agent.ts";

/** One thing that happens to an agent's room; `a`, `b` and `c` choose among what there is. */
type Step = { what: (typeof STEPS)[number]; a: number; b: number; ms: number };

const STEPS = [
  "wake",
  "wake about something",
  "wake by a machine",
  "dispatch fails",
  "claim",
  "claim by another",
  "frame",
  "frame again",
  "call",
  "ask",
  "park",
  "end",
  "renew",
  "decide",
  "expire an ask",
  "steer",
  "interrupt",
  "cancel",
  "reorder",
  "pause or resume",
  "stop",
  "runner gone",
  "time passes",
  "restart",
] as const;

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom(...STEPS),
  a: fc.nat(7),
  b: fc.nat(7),
  ms: fc.oneof(fc.nat(2_000), fc.nat(60_000)),
});

class World {
  readonly play = new AgentPlay({ maxConcurrentRuns: 2 });
  /** every runner that was ever granted a run, dead ones too: they go on talking */
  readonly runners: Runner[] = [];
  calls = 0;

  apply({ what, a, b, ms }: Step): void {
    const { play } = this;
    const run = play.live[a % Math.max(1, play.live.length)];
    const runner = this.runners[this.runners.length - 1 - (a % Math.max(1, this.runners.length))];
    const call = `call_${this.calls}`;
    switch (what) {
      case "wake":
        play.wake();
        break;
      case "wake about something":
        play.wake({ subject: { kind: "issue", id: `is_${b % 2}` } });
        break;
      case "wake by a machine":
        play.wake({ source: "heartbeat", reason: `${b}`, requestedBy: { id: "system", name: "Atrium", kind: "system" } });
        break;
      case "dispatch fails":
        if (run)
          play.do({
            kind: "dispatched",
            run,
            fence: play.priv.main.fence - (b % 2),
            runner: b % 3 === 0 ? `rn_${b}` : undefined,
          });
        break;
      case "claim":
      case "claim by another":
        this.#claim(run, what === "claim" ? `rn_${b}` : "rn_other", b);
        break;
      case "frame":
        runner?.try([{ type: "log", level: "info", text: `fence ${runner.fence}` }]);
        break;
      case "frame again":
        runner?.try([{ type: "log", level: "info", text: `fence ${runner.fence}` }], { n: 1 + (b % 3) });
        break;
      case "call":
        this.calls += 1;
        runner?.try([called(call)]);
        break;
      case "ask":
        this.calls += 1;
        runner?.try(asked(call));
        break;
      case "park":
        runner?.try([], { release: "wait" });
        break;
      case "end":
        runner?.try([ENDED], { release: "end" });
        break;
      case "renew":
        runner?.renew();
        break;
      case "decide":
        if (run) play.decided(run, `call_${b}`, b % 2 ? "allow" : "deny");
        break;
      case "expire an ask":
        if (run) play.decided(run, `call_${b}`, "expired");
        break;
      case "steer":
        if (run) play.command({ type: "run.steer", run, text: "Look" }, BEN);
        break;
      case "interrupt":
        if (run) play.command({ type: "run.interrupt", run });
        break;
      case "cancel":
        if (run) play.command({ type: "run.cancel", run });
        break;
      case "reorder":
        play.command({ type: "queue.reorder", queue: [...play.state.queue].reverse() });
        break;
      case "pause or resume":
        play.command(play.state.status.kind === "paused" ? { type: "agent.resume" } : { type: "agent.pause" });
        break;
      case "stop":
        if (b === 0) play.deliver({ kind: "stop", by: OLGA });
        break;
      case "runner gone":
        if (runner) play.do({ kind: "op", op: { op: "runner.gone", runner: runner.hold.runner } });
        break;
      case "time passes":
        play.wait(ms);
        break;
      case "restart":
        play.now += ms - 30_000;
        play.restart();
        break;
    }
    this.check();
  }

  #claim(run: string | undefined, runner: string, b: number): void {
    const { play } = this;
    if (!run) return;
    const { at } = play.run(run);
    const fence = at.kind === "dispatched" ? at.fence - (b % 3 === 0 ? 1 : 0) : play.priv.main.fence;
    const claiming = new Runner(play, run, runner, fence);
    const before = at.kind === "leased" ? at.lease : undefined;
    if (claiming.tryClaim()) return;
    // Granted: only the dispatched fence, or the very lease again.
    if (before) expect([before.runner, before.fence]).toEqual([runner, fence]);
    else expect(at).toMatchObject({ kind: "dispatched", fence });
    const again = new Runner(play, run, runner, fence);
    again.claim();
    this.runners.push(again);
    if (!before) again.try([started(fence)]);
  }

  /** What must hold after whatever happened. */
  check(): void {
    const { play } = this;
    const held = play.live.filter((id) => ["leased", "dispatched"].includes(play.run(id).at.kind));
    expect(held.length).toBeLessThanOrEqual(2);
    // The public state and the rows of the room speak of the same runs.
    expect(
      liveRuns(play.state)
        .map(({ id }) => id)
        .sort(),
    ).toEqual([...play.live].sort());
    const queued = liveRuns(play.state).filter((view) => view.startedAt === undefined);
    expect([...play.state.queue].sort()).toEqual(queued.map(({ id }) => id).sort());
    // One lease a fence, and fences only grow.
    const fences = play.live.flatMap((id) => {
      const { at } = play.run(id);
      return at.kind === "leased" ? [at.lease.fence] : at.kind === "dispatched" ? [at.fence] : [];
    });
    expect(new Set(fences).size).toBe(fences.length);
    for (const fence of fences) expect(fence).toBeLessThanOrEqual(play.priv.main.fence);
  }

  /** What must hold of the log as a whole. */
  checkLog(): void {
    const ended = new Set<string>();
    const fences = new Map<string, number>();
    const decided = new Set<string>();
    for (const event of this.play.events) {
      if (!("run" in event) || event.type === "wake.merged") continue;
      expect(ended.has(event.run), `${event.type} after the end`).toBe(false);
      if (event.type === "run.ended") ended.add(event.run);
      if (event.type === "approval.decided") {
        expect(decided.has(event.approval)).toBe(false);
        decided.add(event.approval);
      }
      const fence =
        event.type === "run.started" ? event.fence : event.type === "log" ? Number(String(event.text).slice(6)) : undefined;
      if (fence === undefined) continue;
      expect(fence).toBeGreaterThanOrEqual(fences.get(event.run) ?? 0);
      fences.set(event.run, fence);
    }
  }

  /** People resume the agent, decide what is open and say a word; a good runner does the rest. */
  finish(): void {
    const { play } = this;
    if (play.state.status.kind === "paused") play.command({ type: "agent.resume" });
    for (let round = 0; play.live.length > 0 && round < 400; round++) {
      for (const one of play.live) {
        const run = play.run(one);
        for (const { call, approval } of run.calls) if (approval && !approval.decision) play.decided(one, call, "deny");
        if (run.at.kind === "interrupted") play.command({ type: "run.steer", run: one, text: "Go on" });
      }
      // Whichever run is given out is taken: after a reordering that need not be the oldest.
      const given = play.live.find((one) => play.run(one).at.kind === "dispatched");
      if (given) play.hold(given, "rn_good").end();
      else play.wait(LIMITS.leaseTtlMs);
    }
    expect(play.live).toEqual([]);
  }
}

describe("an agent's room, whatever happens to it", () => {
  it("holds one lease a fence, ends each run once, decides each ask once, and can always finish", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const world = new World();
        for (const one of steps) world.apply(one);
        world.finish();
        world.checkLog();
      }),
      { numRuns: 300 },
    );
  });
});
