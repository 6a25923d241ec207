import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RunnerCommand } from "../../../../party/protocol/internal.ts";
import { RunnerRegistry, type RunnerSocket } from "./registry.ts";

const command = (run: string, fence = 1): RunnerCommand => ({
  type: "start",
  run,
  agent: "ag_1",
  company: "co_1",
  generation: 1,
  fence,
  token: "t",
  feeder: "ws://rooms",
});

describe("RunnerRegistry", () => {
  let now: number;
  let registry: RunnerRegistry;

  const join = (runner: string, slots: number, running: string[] = []) => {
    const sent: RunnerCommand[] = [];
    const socket: RunnerSocket & { sent: RunnerCommand[]; dropped: boolean } = {
      sent,
      dropped: false,
      send: (offer) => void sent.push(offer),
      drop() {
        socket.dropped = true;
      },
    };
    registry.hello(socket, { type: "hello", runner, slots, sandbox: "none", running });
    return socket;
  };
  const pick = (...asked: string[]) => registry.pick(new Set(asked));

  beforeEach(() => {
    vi.useFakeTimers();
    now = 0;
    registry = new RunnerRegistry(() => now);
  });
  afterEach(() => vi.useRealTimers());

  it("picks the runner with the most free slots that was not asked yet", () => {
    join("rn_small", 1);
    join("rn_busy", 8, ["a", "b", "c", "d", "e", "f"]);
    join("rn_big", 4);
    expect(pick()).toBe("rn_big");
    expect(pick("rn_big")).toBe("rn_busy");
    expect(pick("rn_big", "rn_busy")).toBe("rn_small");
    expect(pick("rn_big", "rn_busy", "rn_small")).toBeUndefined();
  });

  it("counts offers under way as taken slots", async () => {
    const socket = join("rn_1", 1);
    const offer = registry.offer("rn_1", command("run_a"));
    expect(pick()).toBeUndefined();
    registry.heard("rn_1", socket, { type: "refused", run: "run_a", fence: 1 });
    expect(await offer).toBe(false);
    expect(pick()).toBe("rn_1");
  });

  it("stops waiting for a runner that does not answer, and asks it no more until it speaks", async () => {
    const socket = join("rn_1", 2);
    const offer = registry.offer("rn_1", command("run_a"));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await offer).toBe(false);
    expect(pick()).toBeUndefined();
    registry.heard("rn_1", socket, { type: "beat" });
    expect(pick()).toBe("rn_1");
  });

  it("gives nothing to a runner that is quiet for too long", () => {
    const socket = join("rn_1", 2);
    now = 15_001;
    expect(pick()).toBeUndefined();
    registry.heard("rn_1", socket, { type: "beat" });
    expect(pick()).toBe("rn_1");
  });

  it("does not free the slot of a newer claim with the end of an older one", async () => {
    const socket = join("rn_1", 1);
    const older = registry.offer("rn_1", command("run_a", 1));
    registry.heard("rn_1", socket, { type: "accepted", run: "run_a", fence: 1 });
    await older;
    const newer = registry.offer("rn_1", command("run_a", 2));
    registry.heard("rn_1", socket, { type: "accepted", run: "run_a", fence: 2 });
    await newer;
    registry.heard("rn_1", socket, { type: "finished", run: "run_a", fence: 1 });
    expect(pick()).toBeUndefined();
    registry.heard("rn_1", socket, { type: "finished", run: "run_a", fence: 2 });
    expect(pick()).toBe("rn_1");
  });

  it("counts an acceptance for nothing when its runner is dead by then, and takes a dead one in no more", async () => {
    const socket = join("rn_1", 2);
    const offer = registry.offer("rn_1", command("run_a"));
    registry.heard("rn_1", socket, { type: "accepted", run: "run_a", fence: 1 });
    registry.gone("rn_1");
    expect(await offer).toBe(false);
    expect(join("rn_1", 2).dropped).toBe(true);
    expect(pick()).toBeUndefined();
    now = 60_001;
    registry.gone("rn_2");
    expect(registry.isGone("rn_1")).toBe(false);
  });

  it("drops the older socket of a runner that connects again, and hears it no more", async () => {
    const older = join("rn_1", 1);
    const offer = registry.offer("rn_1", command("run_a"));
    const newer = join("rn_1", 1);
    expect(await offer).toBe(false);
    expect(older.dropped).toBe(true);
    registry.heard("rn_1", older, { type: "accepted", run: "run_b", fence: 1 });
    registry.left("rn_1", older);
    expect(registry.list()).toMatchObject([{ runner: "rn_1", running: [] }]);
    registry.gone("rn_1");
    expect(newer.dropped).toBe(true);
    expect(registry.connected).toBe(0);
  });
});
