import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LIMITS } from "../../party/protocol/limits.ts";
import { until } from "../harness/until.ts";
import { Feeder } from "./harness/feeder.ts";
import { type Rooms, startRooms } from "./harness/rooms.ts";
import { World } from "./harness/world.ts";

describe("the lease of a runner that fell silent", () => {
  let rooms: Rooms;
  beforeAll(async () => {
    rooms = await startRooms();
  });
  afterAll(() => rooms?.remove());

  it("gives the run of a silent runner to another one after the TTL, also over a kill", { timeout: 60_000 }, async () => {
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
});
