import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AgentState } from "../../party/protocol/agent.ts";
import type { CompanyState } from "../../party/protocol/company.ts";
import type { RoomOp } from "../../party/protocol/internal.ts";
import type { SessionState } from "../../party/protocol/session.ts";
import { until } from "../harness/until.ts";
import { type Rooms, startRooms } from "./harness/rooms.ts";
import { BEN } from "./harness/viewer.ts";
import { World } from "./harness/world.ts";

const post = (text: string): RoomOp => ({
  op: "command",
  actor: { id: BEN.id, name: BEN.name, kind: "person", role: BEN.role, rights: BEN.rights },
  command: { type: "message.post", text },
});

describe("messages from room to room", () => {
  let rooms: Rooms;
  beforeAll(async () => {
    rooms = await startRooms();
  });
  afterAll(() => rooms?.remove());

  const stateOf = async <S>(party: "company" | "agent" | "session", room: string): Promise<S> =>
    JSON.parse((await rooms.internal("GET", party, room, "/internal/state")).text).state;

  it("survive a kill at any moment and have their effect once, in order", async () => {
    const world = await World.create(rooms);
    const texts: string[] = [];
    for (let round = 0; round < 6; round++) {
      const link = await world.link("session");
      // Killed in the very moment the messages are acknowledged: their wakes may not have left yet.
      for (let i = 0; i < 5; i++) {
        const text = `message ${round}.${i}`;
        const answer = await link.send(post(text));
        expect(answer.ok).toBe(true);
        texts.push(text);
      }
      await rooms.restart();
    }
    await until("every wake to arrive", async () => {
      const { text } = await rooms.internal("GET", "agent", world.agent, "/internal/events?limit=1000");
      const events: { type: string; text?: string; title?: string }[] = JSON.parse(text).events;
      const woken = events.filter((event) => event.type === "run.queued" || event.type === "wake.merged");
      return woken.length >= texts.length && woken;
    });
    const { text } = await rooms.internal("GET", "agent", world.agent, "/internal/events?limit=1000");
    const events: { type: string; text?: string; title?: string }[] = JSON.parse(text).events;
    const woken = events.filter((event) => event.type === "run.queued" || event.type === "wake.merged");
    expect(woken.map((event) => event.text ?? event.title)).toEqual(texts);
    const session = await stateOf<SessionState>("session", world.session);
    expect(session.messages.map((message) => message.text)).toEqual(texts);
  });

  it("reach a room that is configured later", async () => {
    const world = await World.create(rooms);
    const agent = `${world.agent}later`;
    const link = await world.link("session");
    await link.record({
      kind: "session",
      config: {
        id: world.session,
        company: world.company,
        agent,
        agentName: "Later",
        title: "A talk",
        private: false,
        archived: false,
      },
    });
    await link.send(post("Are you there?"));
    const { Link } = await import("./harness/link.ts");
    const configured = await Link.to(rooms, "agent", agent);
    await configured.record({ kind: "agent", config: world.agentConfig({ id: agent }) });
    await until("the wake", async () => (await stateOf<AgentState>("agent", agent)).queue.length === 1);
    for (const one of [link, configured]) one.close();
  });

  it("do not wait for one that cannot be understood", async () => {
    const world = await World.create(rooms);
    const delivery = JSON.stringify({
      from: { party: "agent", room: world.agent, epoch: "e" },
      messages: [
        { n: 1, message: { kind: "from another version" } },
        { n: 2, message: { kind: "activity", by: { id: "u_x", name: "X", kind: "person" }, text: "went on" } },
      ],
    });
    const answer = await rooms.internal("POST", "company", world.company, "/internal/deliver", delivery);
    expect(answer.status).toBe(200);
    await rooms.internal("POST", "company", world.company, "/internal/deliver", delivery);
    const { activity } = await stateOf<CompanyState>("company", world.company);
    expect(activity.filter((entry) => entry.text === "went on")).toHaveLength(1);
  });

  it("carry a text far over one stored row's limit", async () => {
    const world = await World.create(rooms);
    rooms.api.onDispatch = () => true;
    const link = await world.link("session");
    await link.send(post("Please write"));
    const dispatch = await until("a dispatch", () => rooms.api.dispatches.find(({ agent }) => agent === world.agent));
    const feeder = await world.take(dispatch);
    const text = `${"ü".repeat(100_000)}.`;
    await feeder.commit(
      [{ type: "run.ended", outcome: "done", text, usage: { input: 1, output: 1, cached: 0, thinking: 0 }, cost: 0, ms: 1 }],
      { release: "end" },
    );
    const message = await until("the answer", async () =>
      (await stateOf<SessionState>("session", world.session)).messages.find((one) => one.run === dispatch.run),
    );
    expect(message.text).toMatchObject({ bytes: Buffer.byteLength(text) });
    link.close();
  });
});
