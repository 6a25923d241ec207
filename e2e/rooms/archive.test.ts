import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../harness/until.ts";
import { type Rooms, startRooms } from "./harness/rooms.ts";
import { OLGA } from "./harness/viewer.ts";
import { World } from "./harness/world.ts";

/** ms within which new work is taken again after space was freed */
const RECOVERY_MS = 10_000;

describe("the archive of a room", () => {
  let rooms: Rooms;
  beforeAll(async () => {
    rooms = await startRooms();
  });
  afterAll(() => rooms?.remove());

  const log = (text: string) => ({ type: "log" as const, level: "info" as const, text });

  it("gets every event once, contiguous, as the viewers saw it, over lost answers and kills", async () => {
    const world = await World.create(rooms);
    const key = `agent/${world.agent}`;
    const { feeder, dispatch } = await world.run();
    const viewer = await world.view("agent");
    await feeder.commit([log("one"), log("two")]);
    rooms.api.archiveMood = "answer is lost";
    const posts = rooms.api.posts.length;
    await feeder.commit([log("three")]);
    await until("posts whose answer was lost", () => rooms.api.posts.length >= posts + 2);
    await rooms.end("SIGKILL");
    rooms.api.archiveMood = "stores";
    await rooms.start();
    const back = await world.view("agent", { cursor: { epoch: viewer.hello.epoch, after: viewer.hello.head } });
    const { Feeder } = await import("./harness/feeder.ts");
    const again = await Feeder.open(rooms, world.agent, dispatch.run, "rn_test", dispatch.fence);
    await again.claim();
    const last = await again.commit([log("four")]);
    await until("the archive to be complete", () => rooms.api.archived(key).at(-1)?.seq === last);
    const archived = rooms.api.archived(key);
    expect(archived.map((event) => event.seq)).toEqual(Array.from({ length: last }, (_, i) => i + 1));
    await until("the viewer at the head", () => back.seq === last);
    expect(archived.filter((event) => event.seq > viewer.hello.head)).toEqual(back.events);
    const mine = rooms.api.posts.filter((post) => post.room === key);
    for (const [index, post] of mine.entries()) {
      const before = mine[index - 1];
      // Each post begins where the one before it began or ended: nothing is skipped.
      if (before) expect([before.first, before.last + 1]).toContain(post.first);
    }
    await back.leave();
  });

  it("keeps events while the api is away and delivers them when it is back", async () => {
    const world = await World.create(rooms);
    const key = `agent/${world.agent}`;
    rooms.api.archiveMood = "away";
    const { feeder } = await world.run();
    const last = await feeder.commit([log("while it was away")]);
    rooms.api.archiveMood = "stores";
    await until("the archive to be complete", () => rooms.api.archived(key).at(-1)?.seq === last);
    expect(rooms.api.archived(key)).toHaveLength(last);
  });

  it("refuses new work while the disk is full, lets running work go on, and takes work again within 10 s", {
    timeout: 30_000,
  }, async () => {
    const world = await World.create(rooms);
    const { feeder } = await world.run();
    const viewer = await world.view("agent", { who: OLGA });
    rooms.api.archiveMood = "disk full";
    await feeder.commit([log("goes on")]);
    const refused = await until("a refusal", async () => {
      const answer = await viewer.command({ type: "run.wake", prompt: "More work" });
      return answer.type === "nack" && answer;
    });
    expect(refused).toMatchObject({ code: "storage_full", retryable: true });
    const link = await world.link("agent");
    expect(await link.send({ op: "wake", wake: world.wake("More work") })).toMatchObject({ ok: false, code: "storage_full" });
    await feeder.commit([log("still goes on")]);
    rooms.api.archiveMood = "stores";
    const freedAt = performance.now();
    await until(
      "new work to be taken",
      async () => (await viewer.command({ type: "run.wake", prompt: "Now" })).type === "ack",
      RECOVERY_MS,
    );
    expect(performance.now() - freedAt).toBeLessThan(RECOVERY_MS);
    const head = viewer.seq;
    await until("the archive to be complete", () => Number(rooms.api.archived(`agent/${world.agent}`).at(-1)?.seq) >= head);
    link.close();
    await viewer.leave();
  });

  it("ends when the company is gone, and a purged room keeps only its tombstone", async () => {
    const world = await World.create(rooms);
    const viewer = await world.view("session");
    rooms.api.archiveMood = "company gone";
    const link = await world.link("session");
    await link.record({ kind: "purge" });
    expect((await viewer.end()).code).toBe(4403);
    const answer = await link.send({ op: "wake", wake: world.wake("Anyone?") });
    expect(answer).toMatchObject({ ok: false, code: "gone" });
    expect((await rooms.internal("GET", "session", world.session, "/internal/state")).status).toBe(410);
    await rooms.restart();
    expect((await rooms.internal("GET", "session", world.session, "/internal/state")).status).toBe(410);
    rooms.api.archiveMood = "stores";
  });
});

describe("long texts", () => {
  let rooms: Rooms;
  beforeAll(async () => {
    rooms = await startRooms();
  });
  afterAll(() => rooms?.remove());

  it("become a beginning, a size and a reference that serves the whole, here until archived and there after", async () => {
    const world = await World.create(rooms);
    const { feeder } = await world.run();
    const viewer = await world.view("agent");
    // Two-byte characters and a pair that a cut could tear.
    const output = `${"é".repeat(1_999)}😀${"line\n".repeat(12_000)}`;
    rooms.api.archiveMood = "away";
    await feeder.commit([
      { type: "tool.called", call: "call_1", name: "shell", origin: "native", input: "{}", policy: "auto", risk: "write" },
      { type: "tool.ended", call: "call_1", ok: true, output, ms: 1, effect: "done" },
    ]);
    const event = await viewer.event("tool.ended");
    const ref = event.output as { head: string; bytes: number; ref: string };
    expect(ref.bytes).toBe(Buffer.byteLength(output));
    expect(output.startsWith(ref.head)).toBe(true);
    expect(Buffer.from(ref.head).toString()).toBe(ref.head);
    expect(JSON.stringify(event).length).toBeLessThan(16_000);
    const path = `/internal/refs/${ref.ref}`;
    expect(JSON.parse((await rooms.internal("GET", "agent", world.agent, path)).text)).toEqual({ text: output });
    await rooms.restart();
    expect(JSON.parse((await rooms.internal("GET", "agent", world.agent, path)).text)).toEqual({ text: output });
    rooms.api.archiveMood = "stores";
    await until("the archive to have it", () => rooms.api.refs.get(ref.ref) === output);
    await until("the room to forget it", async () => (await rooms.internal("GET", "agent", world.agent, path)).status === 404);
  });

  it("come back to the next runner whole: prompts and journal far over one stored row's limit", async () => {
    const world = await World.create(rooms);
    const prompt = `Do this: ${"ß".repeat(60_000)} 😀`;
    const { feeder, dispatch } = await world.run(prompt);
    const entry = { kind: "assistant", data: { text: "ä".repeat(70_000) } };
    await feeder.commit([], { journal: [entry, { kind: "small", data: 1 }] });
    feeder.socket.terminate();
    await rooms.restart();
    const { Feeder } = await import("./harness/feeder.ts");
    const again = await Feeder.open(rooms, world.agent, dispatch.run, "rn_test", dispatch.fence);
    const claimed = await again.claim();
    expect(claimed.run.prompts.map(({ text }) => text)).toEqual([prompt]);
    const entries = again.answers.flatMap((answer) => (answer.type === "journal" ? answer.entries : []));
    expect(entries).toEqual([entry, { kind: "small", data: 1 }]);
    const claimedAt = again.answers.findIndex((answer) => answer.type === "claimed");
    expect(again.answers.slice(0, claimedAt).every((answer) => answer.type === "journal")).toBe(true);
  });
});
