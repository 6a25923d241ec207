import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SessionCommand } from "../../party/protocol/commands.ts";
import { until } from "../harness/until.ts";
import type { Feeder } from "./harness/feeder.ts";
import { type Rooms, startRooms } from "./harness/rooms.ts";
import { BEN, type Frame, type Viewer } from "./harness/viewer.ts";
import { ENDED, World } from "./harness/world.ts";

const plan = { file: "fi_plan", name: "plan.pdf", mime: "application/pdf", bytes: 12 };

/** Posts a message. @returns its id */
async function post(viewer: Viewer, text: string, more: object = {}): Promise<string> {
  const answer = await viewer.command({ type: "message.post", text, ...more });
  expect(answer).toMatchObject({ type: "ack", result: { message: { text } } });
  return idOf(answer);
}

function idOf(answer: Frame): string {
  const { message } = Object(answer.result);
  return String(Object(message).id);
}

/** The next run that the agent's room asks a runner for, taken and started. */
async function take(world: World, seen: Set<string>): Promise<Feeder> {
  const dispatch = await until("a dispatch", () =>
    world.rooms.api.dispatches.find(({ run, agent }) => agent === world.agent && !seen.has(run)),
  );
  seen.add(dispatch.run);
  return world.take(dispatch);
}

describe("a conversation and its agent", () => {
  let rooms: Rooms;
  beforeAll(async () => {
    rooms = await startRooms();
    rooms.api.onDispatch = () => true;
  });
  afterAll(() => rooms?.remove());

  it("tells an agent of an edit wherever its work is: replaced, told, acted", async () => {
    const world = await World.create(rooms);
    const [ben, ana] = [await world.view("session", { who: BEN }), await world.view("session")];
    const seen = new Set<string>();
    const edit = (message: string, text: string) => ben.command({ type: "message.edit", message, text });
    const told = (message: string, state: string) =>
      ana.event("edit.told", (event) => event.message === message && event.state === state);

    const first = await post(ben, "Tidy teh notes");
    const feeder = await take(world, seen);
    expect(await ana.event("answer.started")).toMatchObject({ run: feeder.run, agentName: "Guide", message: first });

    // Behind the first: it has not started, and starts with the new text and with what was said before.
    const second = await post(ben, "Tehn the drafts");
    await edit(second, "Then the drafts");
    expect(await told(second, "replaced")).toMatchObject({ agent: world.agent });
    await feeder.commit([
      { type: "tool.called", call: "call_1", name: "shell", origin: "native", input: "{}", policy: "auto", risk: "write" },
    ]);
    await edit(first, "Tidy the notes");
    expect(await told(first, "told")).toMatchObject({ run: feeder.run, calls: 1, files: 0 });
    expect(await feeder.answer("steer")).toMatchObject({ text: expect.stringContaining("Tidy the notes") });
    await feeder.commit([{ type: "tool.ended", call: "call_1", ok: true, output: "", ms: 1, effect: "done" }, ENDED], {
      release: "end",
    });
    expect(await ana.event("answer.ended")).toMatchObject({ run: feeder.run, outcome: "done" });
    await edit(first, "Tidy my notes");
    expect(await told(first, "acted")).toMatchObject({ run: feeder.run, calls: 1 });

    const dispatch = await until("the second run", () =>
      rooms.api.dispatches.find(({ run, agent }) => agent === world.agent && !seen.has(run)),
    );
    const next = await world.take(dispatch);
    const claimed = await next.answer("claimed");
    expect(claimed.run.prompts).toMatchObject([{ text: "Then the drafts", history: [{ text: "Tidy teh notes" }] }]);
    for (const viewer of [ben, ana]) await viewer.leave();
  });

  it("keeps what was edited and told over a kill of all rooms", async () => {
    const world = await World.create(rooms);
    const ben = await world.view("session", { who: BEN });
    const message = await post(ben, "Teh text");
    const feeder = await take(world, new Set());
    await feeder.commit([ENDED], { release: "end" });
    await ben.event("answer.ended");
    await rooms.restart();
    const again = await world.view("session", { who: BEN });
    await again.command({ type: "message.edit", message, text: "The text" });
    await again.event("edit.told", (event) => event.state === "acted" && event.run === feeder.run);
    const late = await world.view("session");
    expect(late.snapshot().state).toMatchObject({
      messages: [
        { text: "The text", edited: true },
        { text: "Done.", answers: message },
      ],
      told: { [message]: [{ state: "acted", agentName: "Guide" }] },
    });
    for (const viewer of [again, late]) await viewer.leave();
  });

  it("gives words that were edited away or deleted to nobody who goes on from before, also after a kill", async () => {
    const world = await World.create(rooms);
    const ben = await world.view("session", { who: BEN });
    const { epoch, head } = ben.hello;
    const message = await post(ben, "The code is 4711");
    await ben.command({ type: "message.edit", message, text: "The code is 4712" });
    const edited = await ben.event("message.edited");
    const old = await world.view("session", { cursor: { epoch, after: head } });
    expect(old.hello).toMatchObject({ mode: "reset", reason: "too_old" });
    expect(JSON.stringify(old.frames)).not.toContain("4711");
    const near = await world.view("session", { cursor: { epoch, after: edited.seq - 1 } });
    expect(near.hello).toMatchObject({ mode: "resumed" });
    await ben.command({ type: "message.delete", message });
    await rooms.restart();
    const late = await world.view("session", { cursor: { epoch, after: edited.seq - 1 } });
    expect(late.hello).toMatchObject({ mode: "reset", reason: "too_old" });
    expect(JSON.stringify(late.frames)).not.toContain("471");
    for (const viewer of [ben, old, near, late]) await viewer.leave();
  });

  it("takes a message out of the queue when it is deleted, and stops what answers when a person takes over", async () => {
    const world = await World.create(rooms);
    const [ben, ana] = [await world.view("session", { who: BEN }), await world.view("session")];
    const agent = await world.view("agent");
    await post(ben, "One");
    const feeder = await take(world, new Set());
    const waits = await post(ben, "Two");
    const queued = await agent.event("run.queued", (event) => event.title === "Two");
    await ben.command({ type: "message.delete", message: waits });
    expect(await agent.event("run.ended", (event) => event.run === queued.run)).toMatchObject({ outcome: "aborted" });

    await post(ben, "Three");
    const third = await agent.event("run.queued", (event) => event.title === "Three");
    expect(await ana.command({ type: "session.takeOver" })).toMatchObject({ type: "ack" });
    await feeder.answer("cancel");
    await agent.event("run.ended", (event) => event.run === third.run);
    expect(await ben.command({ type: "message.post", text: "you?", mentions: [world.agent] })).toMatchObject({
      type: "nack",
      code: "taken_over",
      message: expect.stringContaining("Ana"),
    });
    await post(ana, "I am here");
    await ana.command({ type: "session.handBack" });
    for (const viewer of [ben, ana, agent]) await viewer.leave();
  });

  it("takes files from the api alone", async () => {
    const world = await World.create(rooms);
    const ben = await world.view("session", { who: BEN });
    expect(await ben.command({ type: "message.post", text: "look", attachments: [plan] })).toMatchObject({
      type: "nack",
      code: "invalid",
      message: expect.stringContaining("through the API"),
    });
    const link = await world.link("session");
    const { id, name, role, rights } = BEN;
    const command: SessionCommand = { type: "message.post", text: "", attachments: [plan] };
    expect(await link.send({ op: "command", actor: { id, name, kind: "person", role, rights }, command })).toMatchObject({
      ok: true,
    });
    expect(await ben.event("message.posted")).toMatchObject({ message: { text: "", attachments: [plan] } });
    link.close();
    await ben.leave();
  });
});
