import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backoffMs, type ChildEvent, type ChildState, dueAt, IDLE, SUPERVISION, step } from "./child-machine.ts";

const kinds = (effects: { kind: string }[]) => effects.map((effect) => effect.kind);

function running(at: number, failures = 0): ChildState {
  return { kind: "running", startedAt: at, lastSignAt: at, failures };
}

describe("a crashed child", () => {
  it("is started again after 250 ms, doubling to 4 s, so that it serves within 5 s", () => {
    expect([0, 1, 2, 3, 4, 5, 6, 20].map(backoffMs)).toEqual([250, 500, 1_000, 2_000, 4_000, 4_000, 4_000, 4_000]);
    const crashed = step(running(0, 2), { kind: "exit", how: "exit code 1" }, 100);
    expect(crashed.state).toEqual({ kind: "waiting", until: 1_100, failures: 3 });
    expect(crashed.effects).toEqual([{ kind: "say", text: "stopped (exit code 1); starting it again in 1000 ms" }]);
    expect(kinds(step(crashed.state, { kind: "tick", lateMs: 0 }, 1_099).effects)).toEqual([]);
    expect(kinds(step(crashed.state, { kind: "tick", lateMs: 0 }, 1_100).effects)).toEqual(["spawn"]);
  });

  it("starts from 250 ms again when it had run for half a minute", () => {
    const { state } = step(running(0, 5), { kind: "exit", how: "signal SIGKILL" }, SUPERVISION.healthyAfterMs);
    expect(state).toEqual({ kind: "waiting", until: SUPERVISION.healthyAfterMs + 250, failures: 1 });
  });
});

describe("a silent child", () => {
  it("is killed with its group 10 s after its last sign, and started again", () => {
    const { state } = step(running(0), { kind: "sign" }, 4_000);
    expect(dueAt(state, "limited")).toBe(14_000);
    const frozen = step(state, { kind: "tick", lateMs: 0 }, 14_000);
    expect(kinds(frozen.effects)).toEqual(["say", "kill-group"]);
    expect(step(frozen.state, { kind: "exit", how: "signal SIGKILL" }, 14_001).state.kind).toBe("waiting");
  });

  it("may take longer for its first sign", () => {
    const { state } = step(IDLE, { kind: "start" }, 0);
    expect(dueAt(state, "limited")).toBe(SUPERVISION.firstSignMs);
  });

  it("is not blamed when the launcher itself was stopped meanwhile", () => {
    const late = step(running(0), { kind: "tick", lateMs: 60_000 }, 70_000);
    expect(late.effects).toEqual([]);
    expect(dueAt(late.state, "limited")).toBe(80_000);
  });

  it("is left alone in development, where a debugger may hold it", () => {
    expect(dueAt(running(0), "endless")).toBeUndefined();
  });
});

describe("a stop", () => {
  it("asks first and kills the group after 2 s", () => {
    const asked = step(running(0), { kind: "stop" }, 1_000);
    expect(kinds(asked.effects)).toEqual(["terminate"]);
    const killed = step(asked.state, { kind: "tick", lateMs: 0 }, 3_000);
    expect(kinds(killed.effects)).toEqual(["kill-group"]);
    expect(step(killed.state, { kind: "exit", how: "signal SIGKILL" }, 3_001).state).toEqual({ kind: "stopped" });
  });

  it("ends the wait for a restart", () => {
    expect(step({ kind: "waiting", until: 500, failures: 1 }, { kind: "stop" }, 100).state).toEqual({ kind: "stopped" });
  });

  it("wins over a replacement that is under way", () => {
    const replacing = step(running(0), { kind: "replace" }, 0);
    const stopping = step(replacing.state, { kind: "stop" }, 10);
    expect(step(stopping.state, { kind: "exit", how: "exit code 0" }, 20)).toEqual({ state: { kind: "stopped" }, effects: [] });
  });
});

describe("a replacement", () => {
  it("starts the new process as soon as the old one is gone", () => {
    const replacing = step(running(0), { kind: "replace" }, 0);
    expect(kinds(replacing.effects)).toEqual(["terminate"]);
    expect(kinds(step(replacing.state, { kind: "exit", how: "exit code 0" }, 30).effects)).toEqual(["spawn"]);
  });
});

/** What a shell does: a process lives between a spawn and its exit, and exits only when it lives. */
describe("any sequence of events", () => {
  const event = fc.constantFrom<ChildEvent["kind"]>("start", "sign", "exit", "tick", "replace", "stop", "kill");

  it("never runs two processes, and none after a stop has settled", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(event, fc.nat(12_000)), { maxLength: 60 }), (events) => {
        let state = IDLE;
        let alive = 0;
        let now = 0;
        let settled = false;
        for (const [kind, pause] of events) {
          now += pause;
          if (kind === "exit" && alive === 0) continue;
          if (kind === "exit") alive--;
          const next = step(state, asEvent(kind), now);
          state = next.state;
          alive += next.effects.filter((effect) => effect.kind === "spawn").length;
          expect(alive).toBeLessThanOrEqual(1);
          expect(alive).toBe(state.kind === "running" || state.kind === "ending" ? 1 : 0);
          if (settled) expect(state.kind).toBe("stopped");
          settled = state.kind === "stopped";
        }
      }),
    );
  });
});

function asEvent(kind: ChildEvent["kind"]): ChildEvent {
  if (kind === "exit") return { kind, how: "exit code 1" };
  return kind === "tick" ? { kind, lateMs: 0 } : { kind };
}
