import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLOSE } from "../../party/protocol/limits.ts";
import { descriptors } from "../harness/processes.ts";
import { until } from "../harness/until.ts";
import { peopleOf } from "./harness/people.ts";
import { type Rooms, startRooms } from "./harness/rooms.ts";
import { ANA, BEN, OLGA } from "./harness/viewer.ts";
import { World } from "./harness/world.ts";

describe("sockets of a room", () => {
  let rooms: Rooms;
  beforeAll(async () => {
    rooms = await startRooms();
  });
  afterAll(() => rooms?.remove());

  it("answers a client's Close", async () => {
    const world = await World.create(rooms);
    const viewer = await world.view("agent");
    viewer.socket.close(CLOSE.done);
    expect((await viewer.end()).code).toBe(CLOSE.done);
  });

  it("frees the descriptors of 100 sockets, closed cleanly or cut, in a room that stays busy", async () => {
    const world = await World.create(rooms);
    const { feeder } = await world.run();
    const watcher = await world.view("agent", { who: OLGA });
    let busy = true;
    const working = (async () => {
      while (busy) await feeder.commit([{ type: "log", level: "info", text: "busy" }]);
    })();
    const before = descriptors(rooms.pid);
    for (let round = 0; round < 4; round++) {
      const viewers = await Promise.all(Array.from({ length: 25 }, (_, i) => world.view("agent", { who: i % 2 ? ANA : BEN })));
      expect(descriptors(rooms.pid)).toBeGreaterThanOrEqual(before + 25);
      for (const [index, viewer] of viewers.entries()) {
        if (index % 2) viewer.socket.close(CLOSE.done);
        else viewer.socket.terminate();
      }
    }
    await until("the descriptors to be free", () => descriptors(rooms.pid) <= before + 3);
    busy = false;
    await working;
    await until("the others to be gone", () => [...peopleOf(watcher).keys()].join() === OLGA.id);
    await watcher.leave();
  });

  it("shows who is here: one entry a person, no leave for a reload, a leave for a goodbye", async () => {
    const world = await World.create(rooms);
    const olga = await world.view("agent", { who: OLGA });
    const desktop = await world.view("agent", { who: ANA });
    const phone = await world.view("agent", { who: ANA });
    phone.send({ type: "presence", device: "phone", place: "run_1" });
    await until("both devices", () => peopleOf(olga).get(ANA.id)?.devices.length === 2);
    await phone.leave();
    await until("one device", () => peopleOf(olga).get(ANA.id)?.devices.length === 1);
    await desktop.leave();
    const reloaded = await world.view("agent", { who: ANA });
    reloaded.send({ type: "presence", place: "floor" });
    await until("the new place", () => peopleOf(olga).get(ANA.id)?.place === "floor");
    expect(olga.frames.some((frame) => Array.isArray(frame.leave) && frame.leave.length > 0)).toBe(false);
    await reloaded.leave();
    await until("the goodbye", () => !peopleOf(olga).has(ANA.id));
    await olga.leave();
  });
});
