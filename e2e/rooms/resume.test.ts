import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AgentState } from "../../party/protocol/agent.ts";
import { LIMITS } from "../../party/protocol/limits.ts";
import { until } from "../harness/until.ts";
import { type Rooms, startRooms } from "./harness/rooms.ts";
import type { Viewer } from "./harness/viewer.ts";
import { World } from "./harness/world.ts";

const seqs = (viewer: Viewer): number[] => viewer.events.map((event) => event.seq);
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe("where a viewer goes on", () => {
  let rooms: Rooms;
  beforeAll(async () => {
    rooms = await startRooms();
  });
  afterAll(() => rooms?.remove());

  it("resumes with exactly the events it missed", async () => {
    const world = await World.create(rooms);
    const first = await world.view("agent");
    const { epoch, head } = first.hello;
    await first.leave();
    const { feeder } = await world.run();
    await feeder.commit([{ type: "log", level: "info", text: "one" }]);
    const back = await world.view("agent", { cursor: { epoch, after: head } });
    expect(back.hello).toMatchObject({ mode: "resumed", epoch });
    expect(back.frames.some((frame) => frame.type === "snapshot")).toBe(false);
    await back.event("log");
    expect(seqs(back)).toEqual(range(head + 1, back.hello.head));
    await feeder.commit([{ type: "log", level: "info", text: "two" }]);
    await back.event("log", (event) => event.text === "two");
    expect(seqs(back)).toEqual(range(head + 1, back.hello.head + 1));
    await back.leave();
  });

  it("resets a cursor of another epoch and one from the future, with a snapshot of the whole state", async () => {
    const world = await World.create(rooms);
    const first = await world.view("agent");
    const { epoch, head } = first.hello;
    for (const cursor of [
      { epoch: "another", after: head },
      { epoch, after: head + 1 },
    ]) {
      const viewer = await world.view("agent", { cursor });
      expect(viewer.hello).toMatchObject({ mode: "reset", reason: "epoch", epoch, head });
      expect(viewer.snapshot<AgentState>()).toMatchObject({ seq: head, state: { config: { name: "Guide" } } });
      await viewer.leave();
    }
    await first.leave();
  });

  it("keeps its epoch over kills and changes it when the data folder was restored", async () => {
    const world = await World.create(rooms);
    const { epoch, head } = (await world.view("agent")).hello;
    await rooms.restart();
    const back = await world.view("agent", { cursor: { epoch, after: head } });
    expect(back.hello).toMatchObject({ mode: "resumed", epoch, head });
    rooms.generation += 1;
    await rooms.restart();
    const restored = await world.view("agent", { cursor: { epoch, after: head } });
    expect(restored.hello).toMatchObject({ mode: "reset", reason: "epoch" });
    expect(restored.hello.epoch).not.toBe(epoch);
    expect(restored.snapshot<AgentState>().state.config?.name).toBe("Guide");
  });

  it("goes on above the archive where that has come further than the restored rooms, and uses no seq twice", async () => {
    const world = await World.create(rooms);
    const { head } = (await world.view("agent")).hello;
    const key = `agent/${world.agent}`;
    rooms.api.heldBack.set(key, head + 50);
    rooms.generation += 1;
    await rooms.restart();
    const restored = await world.view("agent");
    expect(restored.hello.head).toBe(head + 50);
    expect(restored.snapshot<AgentState>()).toMatchObject({ seq: head + 50, state: { config: { name: "Guide" } } });
    const before = rooms.api.posts.length;
    await world.run();
    const posted = await until("the next events in the archive", () =>
      rooms.api.posts.slice(before).find(({ room }) => room === key),
    );
    expect(posted.first).toBe(head + 51);
  });

  it("pages a catch-up over 512 KiB and joins live without a gap while events go on", async () => {
    const world = await World.create(rooms);
    const first = await world.view("agent");
    const { epoch, head } = first.hello;
    await first.leave();
    const { feeder } = await world.run();
    const text = "x".repeat(15_000);
    for (let frame = 0; frame < 30; frame++) {
      await feeder.commit(Array.from({ length: 8 }, () => ({ type: "log" as const, level: "info" as const, text })));
    }
    const back = await world.view("agent", { cursor: { epoch, after: head } });
    expect(back.hello.mode).toBe("resumed");
    // Events go on while the viewer still turns pages.
    for (let i = 0; i < 20; i++) await feeder.commit([{ type: "log", level: "info", text: `live ${i}` }]);
    await back.event("log", (event) => event.text === "live 19");
    expect(back.frames.filter((frame) => frame.more).length).toBeGreaterThanOrEqual(6);
    expect(seqs(back)).toEqual(range(head + 1, back.seq));
    for (const frame of back.frames) expect(JSON.stringify(frame).length).toBeLessThan(LIMITS.eventsFrameBytes + 20_000);
    await back.leave();
  });

  it("resets a tail over 8 MiB", async () => {
    const world = await World.create(rooms);
    const first = await world.view("agent");
    const { epoch, head } = first.hello;
    await first.leave();
    const { feeder } = await world.run();
    const text = "x".repeat(15_900);
    for (let frame = 0; frame < 45; frame++) {
      feeder.post(Array.from({ length: 13 }, () => ({ type: "log" as const, level: "info" as const, text })));
    }
    await feeder.commit([]);
    const back = await world.view("agent", { cursor: { epoch, after: head } });
    expect(back.hello).toMatchObject({ mode: "reset", reason: "too_old" });
    await back.leave();
    const near = await world.view("agent", { cursor: { epoch, after: back.hello.head - 5 } });
    expect(near.hello.mode).toBe("resumed");
    await near.leave();
  });

  it("gives a viewer in the middle of a block its text so far, once", async () => {
    const world = await World.create(rooms);
    const { feeder } = await world.run();
    await feeder.commit([{ type: "block.started", block: "blk_1", kind: "text" }]);
    const delta = (offset: number, text: string) =>
      ({ type: "block.delta", run: feeder.run, block: "blk_1", kind: "text", offset, text }) as const;
    const early = await world.view("agent");
    feeder.live([delta(0, "Hel")]);
    feeder.live([delta(3, "lo ")]);
    feeder.live([delta(6, "you")]);
    await until("the deltas", () => textOf(early) === "Hello you");
    const late = await world.view("agent");
    feeder.live([delta(9, "!")]);
    await until("the last delta", () => textOf(late) === "Hello you!");
    await feeder.commit([{ type: "block.ended", block: "blk_1", kind: "text", text: "Hello you!" }]);
    await late.event("block.ended");
    for (const viewer of [early, late]) await viewer.leave();
  });
});

/** The text that live frames add up to; throws when a delta does not continue the one before. */
function textOf(viewer: Viewer): string {
  let text = "";
  for (const frame of viewer.frames) {
    if (frame.type !== "live" || !Array.isArray(frame.items)) continue;
    for (const item of frame.items) {
      if (item.offset !== text.length) throw new Error(`a delta at ${item.offset} after ${text.length} characters`);
      text += item.text;
    }
  }
  return text;
}
