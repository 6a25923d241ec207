import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../party/protocol/ids.ts";
import type { RoomOp } from "../../party/protocol/internal.ts";
import { until } from "../harness/until.ts";
import { type Rooms, startRooms } from "./harness/rooms.ts";
import { ANA, BEN, type Who } from "./harness/viewer.ts";
import { World } from "./harness/world.ts";

const post = (text: string, who: Who = BEN): RoomOp => ({
  op: "command",
  actor: { id: who.id, name: who.name, kind: "person", role: who.role, rights: who.rights },
  command: { type: "message.post", text },
});

describe("commands with an id", () => {
  let rooms: Rooms;
  beforeAll(async () => {
    rooms = await startRooms();
  });
  afterAll(() => rooms?.remove());

  it("gets the first answer again, on the same socket, another one, over the link and after a kill", async () => {
    const world = await World.create(rooms);
    const id = newId("cmd");
    const viewer = await world.view("session", { who: BEN });
    const command = { type: "message.post", text: "Hello" };
    const first = await viewer.command(command, { id });
    expect(first.type).toBe("ack");
    const before = viewer.frames.length;
    expect(await viewer.command(command, { id })).toEqual(first);
    expect(viewer.frames.slice(before)).toEqual([first]);
    await viewer.leave();

    const { type: _type, id: _id, ...answer } = first;
    const link = await world.link("session");
    expect(await link.send(post("Hello"), id)).toMatchObject({ ok: true, ...answer });
    await rooms.restart();
    const again = await world.view("session", { who: BEN });
    expect(await again.command(command, { id })).toEqual(first);
    const relinked = await world.link("session");
    expect(await relinked.send(post("Hello"), id)).toMatchObject({ ok: true, ...answer });
    const state = again.snapshot<{ messages: { text: string }[] }>().state;
    expect(state.messages.map((message) => message.text)).toEqual(["Hello"]);
    expect(again.hello.head).toBe(first.seq);
    await again.leave();
  });

  it("keeps the ids of two people apart", async () => {
    const world = await World.create(rooms);
    const id = newId("cmd");
    const link = await world.link("session");
    const [one, two] = await link.batch([post("from Ben"), post("from Ana", ANA)], [id, id]);
    expect(one?.ok && two?.ok && two.seq > one.seq).toBe(true);
    link.close();
  });

  it("answers a repeat inside one batch like the first", async () => {
    const world = await World.create(rooms);
    const id = newId("cmd");
    const link = await world.link("session");
    const [one, two] = await link.batch([post("once"), post("once")], [id, id]);
    expect({ ...two, n: 0 }).toEqual({ ...one, n: 0 });
    link.close();
  });

  it("makes one run of a wake that is sent twice, by id and by key", async () => {
    const world = await World.create(rooms);
    const id = newId("st");
    const wake: RoomOp = { op: "wake", wake: world.wake("Once", "the-key") };
    const link = await world.link("agent");
    const first = await link.send(wake, id);
    expect({ ...(await link.send(wake, id)), n: 0 }).toEqual({ ...first, n: 0 });
    expect(await link.send(wake)).toMatchObject({ ok: true, result: first.ok ? first.result : {} });
    await rooms.restart();
    const again = await world.link("agent");
    expect({ ...(await again.send(wake, id)), n: 0 }).toEqual({ ...first, n: 0 });
    const viewer = await world.view("agent");
    expect(viewer.snapshot<{ queue: string[] }>().state.queue).toHaveLength(1);
    await viewer.leave();
  });

  it("applies a record once, however often its row is delivered", async () => {
    const world = await World.create(rooms);
    const link = await world.link("company");
    const row: RoomOp = {
      op: "record",
      generation: 1,
      row: 1_000_000,
      change: { kind: "activity", by: { id: "u_olga", name: "Olga", kind: "person" }, text: "did a thing" },
    };
    await link.send(row);
    await link.send(row);
    await rooms.restart();
    await (await world.link("company")).send(row);
    const viewer = await world.view("company");
    const texts = viewer.snapshot<{ activity: { text: string }[] }>().state.activity.map((entry) => entry.text);
    expect(texts.filter((text) => text === "did a thing")).toHaveLength(1);
    await viewer.leave();
  });

  it("answers not_ready where no configuration has come yet", async () => {
    const world = await World.create(rooms);
    const link = await world.link("agent");
    const { Link } = await import("./harness/link.ts");
    const empty = await Link.to(rooms, "agent", "ag_unknown");
    expect(await empty.send({ op: "wake", wake: world.wake("Anyone?") })).toMatchObject({
      ok: false,
      code: "not_ready",
      retryable: true,
    });
    expect(await empty.send(post("Anyone?"))).toMatchObject({ ok: false });
    for (const one of [link, empty]) one.close();
  });

  it("wakes the agent for a message and dispatches at once", async () => {
    const world = await World.create(rooms);
    rooms.api.onDispatch = () => true;
    const viewer = await world.view("session", { who: BEN });
    await viewer.command({ type: "message.post", text: "Please help" });
    const dispatch = await until("a dispatch", () => rooms.api.dispatches.find(({ agent }) => agent === world.agent));
    const feeder = await world.take(dispatch);
    await viewer.event("answer.started", (event) => event.run === dispatch.run);
    await feeder.commit(
      [
        {
          type: "run.ended",
          outcome: "done",
          text: "Here.",
          usage: { input: 1, output: 1, cached: 0, thinking: 0 },
          cost: 0,
          ms: 1,
        },
      ],
      { release: "end" },
    );
    const posted = await viewer.event("message.posted", (event) => JSON.stringify(event).includes("Here."));
    expect(posted.message).toMatchObject({ run: dispatch.run, by: { kind: "agent" } });
    await viewer.event("answer.ended");
    await viewer.leave();
  });
});
