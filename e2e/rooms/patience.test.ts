/** What only time brings about. The tests wait side by side, each beside its own rooms. */
import { describe, expect, it } from "vitest";
import { CLOSE, LIMITS } from "../../party/protocol/limits.ts";
import { until } from "../harness/until.ts";
import { Feeder } from "./harness/feeder.ts";
import { peopleOf } from "./harness/people.ts";
import { startRooms } from "./harness/rooms.ts";
import { stream } from "./harness/stream.ts";
import { ANA, OLGA } from "./harness/viewer.ts";
import { World } from "./harness/world.ts";

const MIB = 1024 * 1024;

describe("after a while", () => {
  it.concurrent("gives the run of a silent runner to another one after the TTL, also over a kill", {
    timeout: 60_000,
  }, async ({ onTestFinished }) => {
    const rooms = await startRooms();
    onTestFinished(() => rooms.remove());
    const world = await World.create(rooms);
    const { feeder, dispatch } = await world.run();
    feeder.socket.terminate();
    await rooms.end("SIGKILL");
    const restartedAt = Date.now();
    await rooms.start();
    // Keeps the room awake, so that its alarm finds the lease as the restart left it.
    const viewer = await world.view("agent");
    const stirring = setInterval(() => viewer.send({ type: "presence" }), LIMITS.leaseRenewMs);
    const next = await until(
      "the next dispatch",
      () => rooms.api.dispatches.find((one) => one.run === dispatch.run && one.fence > dispatch.fence),
      LIMITS.leaseTtlMs + 10_000,
    );
    clearInterval(stirring);
    expect(Date.now() - restartedAt).toBeGreaterThanOrEqual(LIMITS.leaseTtlMs);
    const again = await Feeder.open(rooms, world.agent, next.run, "rn_other", next.fence);
    expect((await again.claim()).run).toMatchObject({ attempt: 2 });
  });

  it.concurrent("sleeps with its sockets open and wakes with everything it knew", { timeout: 60_000 }, async ({
    onTestFinished,
  }) => {
    const rooms = await startRooms();
    onTestFinished(() => rooms.remove());
    const world = await World.create(rooms);
    const olga = await world.view("agent", { who: OLGA });
    const ana = await world.view("agent", { who: ANA });
    // Nothing stirs the room for longer than the 10 s after which workerd evicts it.
    const asleepAt = performance.now() + 15_000;
    await until("the room to sleep", () => performance.now() > asleepAt, 20_000);
    ana.socket.terminate();
    await until("the goodbye of one who left while it slept", () => !peopleOf(olga).has(ANA.id));
    const answer = await olga.command({ type: "run.wake", prompt: "Good morning" });
    expect(answer.type).toBe("ack");
    await olga.event("run.queued");
    expect([...peopleOf(olga).keys()]).toEqual([OLGA.id]);
    await olga.leave();
  });

  it.concurrent("is cut after 10 s without progress when nothing more is said", { timeout: 40_000 }, async ({
    onTestFinished,
  }) => {
    const rooms = await startRooms();
    onTestFinished(() => rooms.remove());
    const world = await World.create(rooms);
    const { feeder } = await world.run();
    const slow = await world.view("agent", { who: ANA });
    slow.socket.pause();
    await stream(feeder, 10 * MIB);
    await until(
      "the room to let it go",
      async () => {
        const others = await world.view("agent", { who: OLGA });
        const people = others.frames.findLast((frame) => frame.type === "presence")?.people;
        await others.leave();
        return Array.isArray(people) && !people.some((person) => person.id === ANA.id);
      },
      20_000,
    );
    slow.socket.resume();
    expect((await slow.end()).code).toBe(CLOSE.lagging);
  });
});
