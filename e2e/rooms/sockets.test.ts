import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLOSE } from "../../party/protocol/limits.ts";
import { descriptors } from "../harness/processes.ts";
import { until } from "../harness/until.ts";
import { type Rooms, startRooms } from "./harness/rooms.ts";
import { ANA, BEN, OLGA, type Viewer } from "./harness/viewer.ts";
import { World } from "./harness/world.ts";

type Entry = { id: string; devices: string[]; place?: string };

/** People a viewer sees, by the frames it got. */
function peopleOf(viewer: Viewer): Map<string, Entry> {
  const people = new Map<string, Entry>();
  for (const frame of viewer.frames) {
    if (frame.type !== "presence") continue;
    const {
      people: all,
      join,
      leave,
      patch,
    } = frame as unknown as { people?: Entry[]; join?: Entry[]; leave?: string[]; patch?: Entry[] };
    if (all) people.clear();
    for (const entry of [...(all ?? []), ...(join ?? []), ...(patch ?? [])]) people.set(entry.id, entry);
    for (const id of leave ?? []) people.delete(id);
  }
  return people;
}

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

  it("sleeps with its sockets open and wakes with everything it knew", { timeout: 60_000 }, async () => {
    const world = await World.create(rooms);
    const olga = await world.view("agent", { who: OLGA });
    const ana = await world.view("agent", { who: ANA });
    const started = () => rooms.output.split(`"${world.agent}"`).length;
    void started;
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
});
