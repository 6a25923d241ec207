import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LIMITS } from "../../party/protocol/limits.ts";
import type { RunEvent, RunLive } from "../../party/protocol/run-events.ts";
import { FrameRefused, LeaseLost } from "../runtimes/contract.ts";
import { Feeder, type Inbound } from "./feeder.ts";
import { localHome } from "./home.ts";
import { ANA, RUN } from "./testing/recording-room.ts";
import { RoomServer, SECRET } from "./testing/room-server.ts";

const base = { v: 1 as const, run: RUN, src: { runtime: "native" } };
const log = (text: string): RunEvent => ({ ...base, type: "log", level: "info", text });
const opened = (block: string): RunEvent => ({ ...base, type: "block.started", block, kind: "text" });
const delta = (offset: number, text: string): RunLive => ({
  type: "block.delta",
  run: RUN,
  block: "blk_1",
  kind: "text",
  offset,
  text,
});

let room: RoomServer;
let now: number;
const feeders: Feeder[] = [];

function feederFor(server: RoomServer): Feeder {
  const feeder = new Feeder({
    url: server.url,
    home: localHome(server.url, SECRET),
    run: RUN,
    runner: "rn_1",
    fence: 7,
    now: () => now,
  });
  feeders.push(feeder);
  return feeder;
}

beforeEach(async () => {
  room = await RoomServer.listen();
  now = 0;
});

afterEach(async () => {
  for (const feeder of feeders.splice(0)) feeder.close();
  await room.close();
});

const texts = () => room.stored.flatMap((frame) => frame.events.flatMap((event) => (event.type === "log" ? [event.text] : [])));

describe("a feeder", () => {
  it("claims with a signed socket and gets the journal", async () => {
    room.journal = [
      { kind: "a", data: 1 },
      { kind: "b", data: { deep: true } },
    ];
    const outcome = await feederFor(room).claim();
    expect(outcome).toMatchObject({ kind: "claimed", claimed: { fence: 7 }, journal: room.journal });
  });

  it("says when the room does not grant the run", async () => {
    room.refusal = { type: "refused", code: "fenced", message: "Another runner has this run." };
    const feeder = feederFor(room);
    expect(await feeder.claim()).toEqual({ kind: "refused", code: "fenced", message: "Another runner has this run." });
    expect(feeder.held()).toBe(false);
    expect(feeder.lost.aborted).toBe(true);
  });

  it("resolves a commit when the room has stored it, in order", async () => {
    const feeder = feederFor(room);
    await feeder.claim();
    feeder.send([{ events: [log("one")] }]);
    await feeder.commit([{ events: [log("two")], journal: [{ kind: "x", data: "y" }] }]);
    expect(texts()).toEqual(["one", "two"]);
    expect(room.stored.map((frame) => frame.n)).toEqual([1, 2]);
    expect(room.stored[1]?.journal).toEqual([{ kind: "x", data: "y" }]);
  });

  it("tells again what was not acknowledged, and the room has each frame once", async () => {
    const feeder = feederFor(room);
    await feeder.claim();
    room.answering = false;
    const commits = ["one", "two", "three"].map((text) => feeder.commit([{ events: [log(text)] }]));
    await room.when(() => room.stored.length === 2);
    room.cut();
    room.answering = true;
    const later = feeder.commit([{ events: [log("while away")] }]);
    await Promise.all([...commits, later]);
    expect(texts()).toEqual(["one", "two", "three", "while away"]);
    expect(room.claims).toBe(2);
  });

  it("shows open blocks from their beginning after a reconnect", async () => {
    const feeder = feederFor(room);
    await feeder.claim();
    await feeder.commit([{ events: [opened("blk_1")] }]);
    feeder.live(delta(0, "Hello "));
    await room.when(() => room.live.length === 1);
    room.cut();
    feeder.live(delta(6, "world"));
    await room.when(() => room.live.length === 2);
    expect(room.live).toEqual([delta(0, "Hello "), delta(0, "Hello world")]);
  });

  it("merges deltas of a moment and sends them before the event that ends the block", async () => {
    const feeder = feederFor(room);
    await feeder.claim();
    feeder.send([{ events: [opened("blk_1")] }]);
    for (let n = 0; n < 50; n++) feeder.live(delta(n, "x"));
    await feeder.commit([{ events: [{ ...base, type: "block.ended", block: "blk_1", kind: "text", text: "x".repeat(50) }] }]);
    expect(room.live).toEqual([delta(0, "x".repeat(50))]);
  });

  it("is gone at once when it is fenced", async () => {
    const feeder = feederFor(room);
    await feeder.claim();
    room.answering = false;
    const commit = feeder.commit([{ events: [log("late")] }]);
    room.tell({ type: "fenced" });
    await expect(commit).rejects.toBeInstanceOf(LeaseLost);
    expect(feeder.lost.aborted).toBe(true);
    expect(feeder.held()).toBe(false);
    await expect(feeder.commit([{ events: [log("later")] }])).rejects.toBeInstanceOf(LeaseLost);
  });

  it("is done when the room has stored its release", async () => {
    const feeder = feederFor(room);
    await feeder.claim();
    await feeder.commit([{ events: [log("bye")] }], "wait");
    expect(room.stored[0]?.release).toBe("wait");
    expect(feeder.held()).toBe(false);
    expect(feeder.lost.aborted).toBe(false);
  });

  it("knows by its own clock when the lease may be gone, without a word of the room", async () => {
    const feeder = feederFor(room);
    await feeder.claim();
    room.answering = false;
    now = LIMITS.leaseSelfStopMs - 1;
    expect(feeder.held()).toBe(true);
    now += 1;
    expect(feeder.held()).toBe(false);
    expect(feeder.lost.aborted).toBe(true);
  });

  it("keeps the lease while the room answers, from the time it asked", async () => {
    const feeder = feederFor(room);
    await feeder.claim();
    now = LIMITS.leaseRenewMs;
    await room.when(() => room.renewals === 1);
    await feeder.commit([{ events: [log("after the renewal")] }]);
    now = LIMITS.leaseRenewMs + LIMITS.leaseSelfStopMs - 1;
    expect(feeder.held()).toBe(true);
    now += 1;
    expect(feeder.held()).toBe(false);
  });

  it("reports a refused frame, and what comes next takes its number", async () => {
    const feeder = feederFor(room);
    await feeder.claim();
    room.refuse.add(1);
    const refused = feeder.commit([{ events: [log("bad")] }]);
    const behind = feeder.commit([{ events: [log("behind")] }]);
    await expect(refused).rejects.toBeInstanceOf(FrameRefused);
    await expect(behind).rejects.toBeInstanceOf(FrameRefused);
    room.refuse.clear();
    await feeder.commit([{ events: [log("good")] }]);
    expect(texts()).toEqual(["good"]);
  });

  it("does not take the refusal of a frame it gave up for that of the one which has its number now", async () => {
    const feeder = feederFor(room);
    await feeder.claim();
    room.answering = false;
    room.refuse.add(1);
    const refused = feeder.commit([{ events: [log("bad")] }]);
    await expect(refused).rejects.toBeInstanceOf(FrameRefused);
    room.refuse.clear();
    const commits = ["one", "two"].map((text) => feeder.commit([{ events: [log(text)] }]));
    await room.when(() => room.stored.length === 2);
    // Behind the bad frame there was another: its gap is told late.
    room.tell({ type: "nack", n: 2, code: "gap", message: "refused" });
    for (const n of [1, 2]) room.tell({ type: "ack", n, seq: n });
    await Promise.all(commits);
    expect(texts()).toEqual(["one", "two"]);
  });

  it("hands over what people say, also what came before anyone listened", async () => {
    const feeder = feederFor(room);
    await feeder.claim();
    room.tell({ type: "cancel", by: ANA });
    await feeder.commit([{ events: [log("x")] }]);
    const heard: Inbound[] = [];
    feeder.listen((message) => heard.push(message));
    room.tell({ type: "steer", steer: "st_1", by: ANA, text: "faster" });
    await feeder.commit([{ events: [log("y")] }]);
    expect(heard.map((message) => message.type)).toEqual(["cancel", "steer"]);
  });

  it("hears after a reconnect what it missed", async () => {
    const feeder = feederFor(room);
    await feeder.claim();
    const heard: Inbound[] = [];
    feeder.listen((message) => heard.push(message));
    const approval = { id: "ap_1", digest: "d", decision: "allow" as const, by: [{ name: "Ana" }] };
    room.claimed = {
      steers: [{ id: "st_1", by: ANA, text: "faster" }],
      calls: [{ call: "call_1", policy: "ask", ended: false, approval }],
      questions: [{ id: "q_1", answer: { by: ANA, value: "yes" } }, { id: "q_2" }],
      interrupted: true,
    };
    room.cut();
    await feeder.commit([{ events: [log("back")] }]);
    expect(heard.map((message) => message.type)).toEqual(["steer", "decided", "answered", "interrupt"]);
  });

  it("stops when it closes, and says nothing more", async () => {
    const feeder = feederFor(room);
    await feeder.claim();
    feeder.close();
    expect(feeder.lost.aborted).toBe(true);
    await expect(feeder.commit([{ events: [log("x")] }])).rejects.toBeInstanceOf(LeaseLost);
    expect(room.stored).toEqual([]);
  });
});
