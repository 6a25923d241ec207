import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLOSE } from "../../party/protocol/limits.ts";
import { until } from "../harness/until.ts";
import { type Rooms, startRooms } from "./harness/rooms.ts";
import { stream } from "./harness/stream.ts";
import { ANA, OLGA } from "./harness/viewer.ts";
import { World } from "./harness/world.ts";

const MIB = 1024 * 1024;
/** bytes streamed while one viewer reads nothing */
const STREAM = 200 * MIB;
/** bytes the rooms may grow by */
const GROWTH = 50 * MIB;

function rssOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}

describe("a viewer that stops reading", () => {
  let rooms: Rooms;
  beforeAll(async () => {
    rooms = await startRooms();
  });
  afterAll(() => rooms?.remove());

  it("is cut with 4408 while 200 MB stream, costs little memory, holds up nobody, and resumes complete", {
    timeout: 60_000,
  }, async () => {
    const world = await World.create(rooms);
    const { feeder } = await world.run();
    const watcher = await world.view("agent", { who: OLGA });
    // Live items make no log: the watcher's frames would fill the test's memory otherwise.
    let watched = 0;
    watcher.socket.on("message", (data) => {
      watched += String(data).length;
      for (const frame of watcher.frames.filter((one) => one.type === "live")) frame.items = [];
    });
    const slow = await world.view("agent", { who: ANA });
    const { epoch } = slow.hello;
    const seen = slow.seq;
    await stream(feeder, 20 * MIB);
    const before = rssOf(rooms.pid);
    slow.socket.pause();
    let peak = 0;
    const watch = setInterval(() => {
      peak = Math.max(peak, rssOf(rooms.pid));
    }, 20);
    await stream(feeder, STREAM);
    // Durable events go on to a lagging viewer until it has more than its limit unread.
    for (let i = 0; i < 80; i++) {
      await feeder.commit(
        Array.from({ length: 9 }, () => ({ type: "log" as const, level: "info" as const, text: "y".repeat(15_000) })),
      );
    }
    const last = await feeder.commit([{ type: "log", level: "info", text: "the end" }]);
    clearInterval(watch);
    expect(peak - before).toBeLessThan(GROWTH);
    await watcher.event("log", (event) => event.text === "the end");
    expect(watched).toBeGreaterThan(STREAM / 2);
    expect(watcher.closed).toBeUndefined();

    slow.socket.resume();
    expect((await slow.end()).code).toBe(CLOSE.lagging);
    const back = await world.view("agent", { who: ANA, cursor: { epoch, after: slow.seq } });
    expect(back.hello.mode).toBe("resumed");
    await until("the head", () => back.seq === last);
    const seqs = [...slow.events, ...back.events].map((event) => event.seq);
    expect(seqs).toEqual(Array.from({ length: last - seen }, (_, i) => seen + 1 + i));
    expect([...slow.events, ...back.events].filter((event) => event.seq > watcher.hello.head)).toEqual(watcher.events);
  });
});
