import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLOSE, LIMITS } from "../../party/protocol/limits.ts";
import { until } from "../harness/until.ts";
import { type Rooms, startRooms } from "./harness/rooms.ts";
import { BEN } from "./harness/viewer.ts";
import { World } from "./harness/world.ts";

describe("frames that should not be", () => {
  let rooms: Rooms;
  let world: World;
  beforeAll(async () => {
    rooms = await startRooms();
    world = await World.create(rooms);
  });
  afterAll(() => rooms?.remove());

  it("answers a malformed or unknown frame with a nack and goes on", async () => {
    const viewer = await world.view("agent");
    const bad = [
      "",
      "{",
      "null",
      "[]",
      "7",
      '{"type":"nonsense"}',
      '{"type":"command"}',
      '{"type":"command","id":"cmd_12345678","deadline":"2099-01-01T00:00:00Z","command":{"type":"nonsense"}}',
      '{"type":"more","seq":-1}',
    ];
    for (const text of bad) viewer.socket.send(text);
    viewer.socket.send(Buffer.from([0xff, 0xfe, 0x00]));
    await until("a nack for each", () => viewer.frames.filter((frame) => frame.type === "nack").length === bad.length + 1);
    expect(viewer.frames.filter((frame) => frame.type === "nack").every((frame) => frame.code === "invalid")).toBe(true);
    expect(viewer.frames.find((frame) => frame.id === "cmd_12345678")).toMatchObject({ type: "nack", retryable: false });
    viewer.socket.send('{"type":"ping"}');
    await viewer.frame("pong");
    await viewer.leave();
  });

  it("closes a socket with 1009 for a frame over the limit, in characters or in bytes", async () => {
    const texts = [
      "x".repeat(LIMITS.clientFrameBytes + 1),
      "ü".repeat(LIMITS.clientFrameBytes / 2 + 1),
      "x".repeat(8 * 1024 * 1024),
    ];
    const bystander = await world.view("agent", { who: BEN });
    for (const text of texts) {
      const viewer = await world.view("agent");
      viewer.socket.send(text);
      expect((await viewer.end()).code).toBe(CLOSE.tooBig);
    }
    bystander.socket.send('{"type":"ping"}');
    await bystander.frame("pong");
    await bystander.leave();
  });

  it("closes a socket that floods with 1008; the room and the others go on", async () => {
    const viewer = await world.view("agent");
    const bystander = await world.view("agent", { who: BEN });
    for (let i = 0; i < 10_000; i++) viewer.socket.send('{"type":"seen","seq":0}');
    expect((await viewer.end()).code).toBe(CLOSE.policy);
    const answer = await bystander.command({ type: "run.wake", prompt: "Still there?" });
    expect(answer.type).toBe("ack");
    expect(bystander.closed).toBeUndefined();
    await bystander.leave();
  });

  it("refuses a command that came after its deadline, or names none", async () => {
    const viewer = await world.view("agent");
    const late = await viewer.command({ type: "agent.pause" }, { deadline: new Date(Date.now() - 1).toISOString() });
    expect(late).toMatchObject({ type: "nack", code: "deadline" });
    const vague = await viewer.command({ type: "agent.pause" }, { deadline: "soon" });
    expect(vague).toMatchObject({ type: "nack", code: "invalid" });
    expect(viewer.events.some((event) => event.type === "agent.paused")).toBe(false);
    await viewer.leave();
  });

  it("refuses a command below its role", async () => {
    const viewer = await world.view("agent", { who: BEN });
    expect(await viewer.command({ type: "agent.pause" })).toMatchObject({ type: "nack", code: "forbidden", retryable: false });
    await viewer.leave();
  });
});
