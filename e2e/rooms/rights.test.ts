import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLOSE } from "../../party/protocol/limits.ts";
import { until } from "../harness/until.ts";
import { type Rooms, startRooms } from "./harness/rooms.ts";
import { ANA, BEN, OLGA, ticketFor, Viewer } from "./harness/viewer.ts";
import { World } from "./harness/world.ts";

/** ms a reduction of rights may take to reach every room */
const PROMISE_MS = 2_000;

describe("rights that change while people are here", () => {
  let rooms: Rooms;
  beforeAll(async () => {
    rooms = await startRooms();
  });
  afterAll(() => rooms?.remove());

  it("closes every socket of a removed person with 4403 within 2 s, in every room, and nobody else's", async () => {
    const world = await World.create(rooms);
    const mine = [await world.view("company"), await world.view("agent"), await world.view("session"), await world.view("agent")];
    const others = [await world.view("company", { who: OLGA }), await world.view("agent", { who: OLGA })];
    const at = performance.now();
    await world.removeMember(ANA, 2);
    for (const viewer of mine) expect((await viewer.end()).code).toBe(CLOSE.rights);
    expect(performance.now() - at).toBeLessThan(PROMISE_MS);
    for (const viewer of others) {
      viewer.socket.send('{"type":"ping"}');
      await viewer.frame("pong");
      await viewer.leave();
    }
  });

  it("closes the sockets of a person whose role was lowered; a new ticket has the new role", async () => {
    const world = await World.create(rooms);
    const viewer = await world.view("agent");
    await world.member({ ...ANA, role: "viewer", rights: 2 });
    expect((await viewer.end()).code).toBe(CLOSE.rights);
    const back = await world.view("agent", { who: { ...ANA, role: "viewer", rights: 2 } });
    expect(await back.command({ type: "run.wake", prompt: "May I?" })).toMatchObject({ type: "nack", code: "forbidden" });
    await back.leave();
  });

  it("lets a person stay whose role was raised", async () => {
    const world = await World.create(rooms);
    const viewer = await world.view("agent", { who: BEN });
    await world.member({ ...BEN, role: "admin", rights: 2 });
    viewer.socket.send('{"type":"ping"}');
    await viewer.frame("pong");
    await viewer.leave();
  });

  it.each(["company", "agent", "session"] as const)(
    "turns away a ticket of the %s room that was made before the removal",
    async (party) => {
      const world = await World.create(rooms);
      const ticket = ticketFor(party, world.id(party), world.company, ANA);
      await world.removeMember(ANA, 2);
      const viewer = Viewer.open(rooms, party, world.id(party), new URLSearchParams({ ticket }));
      expect((await viewer.end()).code).toBe(CLOSE.rights);
      if (party === "company") expect(viewer.frames.some((frame) => frame.type === "snapshot")).toBe(false);
    },
  );

  it("reaches a person who came back after the rooms were killed", async () => {
    const world = await World.create(rooms);
    await world.view("agent");
    await rooms.restart();
    const viewer = await world.view("agent");
    await world.removeMember(ANA, 2);
    expect((await viewer.end()).code).toBe(CLOSE.rights);
  });

  it("reaches a person who joined before the room knew its company", async () => {
    const world = await World.create(rooms);
    const agent = `${world.agent}late`;
    const viewer = await Viewer.join(rooms, "agent", agent, world.company);
    const { Link } = await import("./harness/link.ts");
    const link = await Link.to(rooms, "agent", agent);
    await link.record({ kind: "agent", config: world.agentConfig({ id: agent }) });
    await viewer.event("agent.configured");
    await world.removeMember(ANA, 2);
    expect((await viewer.end()).code).toBe(CLOSE.rights);
    link.close();
  });

  it("closes the sockets of a browser session that was signed out", async () => {
    const world = await World.create(rooms);
    const gone = await world.view("agent", { who: { ...ANA, session: "s1" } });
    const stays = await world.view("agent", { who: { ...ANA, session: "s2" } });
    await until("the registration", async () => {
      const { text } = await rooms.internal("GET", "company", world.company, "/internal/state");
      return text.includes(world.company);
    });
    const link = await world.link("company");
    await link.record({ kind: "session.revoked", session: "s1" });
    expect((await gone.end()).code).toBe(CLOSE.rights);
    stays.socket.send('{"type":"ping"}');
    await stays.frame("pong");
    await stays.leave();
    link.close();
  });
});
