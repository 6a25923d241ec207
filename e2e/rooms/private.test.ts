import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { laneRoom } from "../../party/protocol/lanes.ts";
import { CLOSE } from "../../party/protocol/limits.ts";
import { until } from "../harness/until.ts";
import { Feeder, type NewEvent } from "./harness/feeder.ts";
import { Link } from "./harness/link.ts";
import { type Rooms, startRooms } from "./harness/rooms.ts";
import { ANA, BEN, ticketFor, Viewer } from "./harness/viewer.ts";
import { started, World } from "./harness/world.ts";

const USAGE = { input: 1, output: 1, cached: 0, thinking: 0 };
const ANSWERED: NewEvent = { type: "run.ended", outcome: "done", text: "Our answer", usage: USAGE, cost: 0, ms: 5 };

/** A world whose conversation is private to Ana and Ben, set up as the api sets it up. */
async function privateWorld(rooms: Rooms): Promise<{ world: World; lane: string; name: (people: string[]) => Promise<void> }> {
  const world = await World.create(rooms);
  const lane = laneRoom(world.agent, world.session);
  const [laneLink, agent, session] = [
    await Link.to(rooms, "agent", lane),
    await world.link("agent"),
    await world.link("session"),
  ];
  const known = [ANA, BEN];
  const name = async (people: string[]) => {
    const config = { id: world.session, company: world.company, agent: world.agent, agentName: "Guide", title: "Us" };
    const named = known.filter(({ id }) => people.includes(id)).map(({ id, name: shown }) => ({ id, name: shown }));
    await laneLink.record({ kind: "lane", session: world.session, people });
    await session.record({ kind: "session", config: { ...config, private: true, people: named, archived: false } });
  };
  await laneLink.record({ kind: "agent", config: world.agentConfig() });
  await agent.record({ kind: "lane", session: world.session, people: [] });
  await name([ANA.id, BEN.id]);
  return { world, lane, name };
}

describe("a private conversation", () => {
  let rooms: Rooms;
  beforeAll(async () => {
    rooms = await startRooms();
    rooms.api.onDispatch = () => true;
  });
  afterAll(() => rooms?.remove());

  it("is answered in the agent's lane; the agent's own room and the company learn that it works, and no word", async () => {
    const { world, lane } = await privateWorld(rooms);
    const [company, own, talk] = [await world.view("company"), await world.view("agent"), await world.view("session")];
    const inLane = await Viewer.join(rooms, "agent", lane, world.company);
    await talk.command({ type: "message.post", text: "Our secret" });
    const dispatch = await until("a dispatch", () => rooms.api.dispatches.find(({ agent }) => agent === world.agent));
    expect(dispatch.lane).toBe(world.session);
    const feeder = await Feeder.open(rooms, lane, dispatch.run, "rn_test", dispatch.fence);
    await feeder.claim();
    await feeder.commit([started(1, dispatch.fence)]);
    await inLane.event("run.queued", (event) => event.title === "Our secret");
    await company.event("agent.changed", ({ entry }) => Object(entry).doing === "Working on a private conversation");
    await feeder.commit([ANSWERED], { release: "end" });
    await talk.event("message.posted", ({ message }) => Object(message).text === "Our answer");
    await company.event("agent.changed", ({ entry }) => Object(entry).status === "idle");
    for (const viewer of [company, own]) expect(JSON.stringify(viewer.frames)).not.toMatch(/Our (secret|answer)/);
    for (const viewer of [company, own, talk, inLane]) await viewer.leave();
  });

  it("follows its agent into a pause and out of it, and a stop of everything", async () => {
    const { world, lane } = await privateWorld(rooms);
    const [own, inLane, talk] = [
      await world.view("agent"),
      await Viewer.join(rooms, "agent", lane, world.company),
      await world.view("session"),
    ];
    expect(await inLane.command({ type: "agent.pause" })).toMatchObject({ type: "nack", code: "elsewhere" });
    await own.command({ type: "agent.pause", note: "lunch" });
    expect(await inLane.event("agent.paused")).toMatchObject({ by: { id: ANA.id }, note: "lunch" });
    await own.command({ type: "agent.resume" });
    await inLane.event("agent.resumed");

    await talk.command({ type: "message.post", text: "Our secret" });
    const queued = await inLane.event("run.queued");
    const company = await world.view("company");
    await company.command({ type: "stop.everything" });
    await inLane.event("agent.paused", (event) => event.reason === "stopped");
    await inLane.event("run.ended", (event) => event.run === queued.run);
    for (const viewer of [own, inLane, talk, company]) await viewer.leave();
  });

  it("lets nobody in who is not named, with whatever ticket, and puts those out at once who were", async () => {
    const { world, lane, name } = await privateWorld(rooms);
    const mine = [
      await world.view("session", { who: BEN }),
      await Viewer.join(rooms, "agent", lane, world.company, { who: BEN }),
    ];
    const at = performance.now();
    await name([ANA.id]);
    for (const viewer of mine) expect((await viewer.end()).code).toBe(CLOSE.rights);
    expect(performance.now() - at).toBeLessThan(2_000);
    for (const [party, room] of [
      ["session", world.session],
      ["agent", lane],
    ] as const) {
      const ticket = ticketFor(party, room, world.company, BEN);
      const late = Viewer.open(rooms, party, room, new URLSearchParams({ ticket }));
      expect((await late.end()).code).toBe(CLOSE.rights);
      expect(late.frames).toEqual([]);
    }
    const still = await world.view("session");
    await still.leave();
  });
});
