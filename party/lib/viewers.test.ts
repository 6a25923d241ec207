import { beforeEach, describe, expect, it } from "vitest";
import { CLOSE, LIMITS } from "../protocol/limits.ts";
import { EventLog } from "./log.ts";
import { Batch } from "./store.ts";
import { TestHost, TestSocket } from "./testing/host.ts";
import { type Cursor, type ViewerSeat, Viewers } from "./viewers.ts";

const EPOCH = "epoch";
const seatOf = (id: string, role: ViewerSeat["role"] = "member", rights = 1): ViewerSeat => ({
  k: "viewer",
  person: { id, name: id },
  role,
  rights,
});

describe("the viewers of a room", () => {
  let host: TestHost;
  let log: EventLog;
  let viewers: Viewers;
  let cut: TestSocket[];
  let snapshots: number;

  beforeEach(async () => {
    host = new TestHost();
    log = new EventLog(host.storage);
    await log.open(0);
    cut = [];
    snapshots = 0;
    viewers = new Viewers(host, log, (socket) => {
      if (socket instanceof TestSocket) cut.push(socket);
    });
  });

  const append = async (...sizes: number[]): Promise<string[]> => {
    const batch = new Batch();
    const texts = sizes.map((size, i) => JSON.stringify({ seq: log.head + 1 + i, at: "", type: "log", text: "x".repeat(size) }));
    log.append(batch, texts);
    await batch.commit(host.storage);
    return texts;
  };
  const greeting = {
    party: "agent" as const,
    epoch: EPOCH,
    snapshot: () => {
      snapshots += 1;
      return JSON.stringify({ big: "s".repeat(100_000) });
    },
    openBlocks: () => [],
  };
  const join = async (cursor: Cursor, seat = seatOf("u_1")) => {
    const socket = new TestSocket();
    const viewer = viewers.add(socket, seat);
    await viewers.greet(viewer, cursor, greeting);
    return { socket, viewer };
  };
  const seqs = (socket: TestSocket): number[] =>
    socket.frames("events").flatMap(({ events }) => (Array.isArray(events) ? events.map(({ seq }) => Number(seq)) : []));

  it.each([
    ["new", undefined],
    ["epoch", { epoch: "another", after: 1 }],
    ["epoch", { epoch: EPOCH, after: 4 }],
  ] as const)("are reset with reason %s and a snapshot in parts", async (reason, cursor) => {
    await append(1, 1, 1);
    const { socket } = await join(cursor);
    expect(socket.frames("hello")).toMatchObject([{ mode: "reset", reason, head: 3, epoch: EPOCH }]);
    const parts = socket.frames("snapshot");
    expect(parts.map(({ part, parts: all, seq }) => [part, all, seq])).toEqual([
      [1, 3, 3],
      [2, 3, 3],
      [3, 3, 3],
    ]);
    expect(JSON.parse(parts.map(({ state }) => state).join(""))).toEqual({ big: "s".repeat(100_000) });
  });

  it("are reset when what they miss was pruned, or is too much", async () => {
    await append(...Array.from({ length: 40 }, () => 1_000));
    const chunk = await log.oldestChunk();
    if (!chunk) throw new Error("nothing to prune");
    log.dropChunk(new Batch(), chunk);
    expect((await join({ epoch: EPOCH, after: chunk.last - 1 })).socket.frames("hello")).toMatchObject([{ reason: "too_old" }]);
    expect((await join({ epoch: EPOCH, after: chunk.last })).socket.frames("hello")).toMatchObject([{ mode: "resumed" }]);
    await append(...Array.from({ length: 600 }, () => 15_000));
    expect((await join({ epoch: EPOCH, after: 40 })).socket.frames("hello")).toMatchObject([
      { mode: "reset", reason: "too_old" },
    ]);
  });

  it("are not given words that were taken back: older cursors are reset, and those who catch up come again", async () => {
    await append(...Array.from({ length: 60 }, () => 15_000));
    const { socket, viewer } = await join({ epoch: EPOCH, after: 0 });
    await append(1);
    log.floor = log.head - 1;
    const before = socket.frames("events").length;
    await viewers.catchUp(viewer, viewer.seat.cursor ?? 0, () => []);
    expect(socket.frames("events")).toHaveLength(before);
    expect(cut).toEqual([socket]);
    expect((await join({ epoch: EPOCH, after: log.floor - 1 })).socket.frames("hello")).toMatchObject([
      { mode: "reset", reason: "too_old" },
    ]);
    const near = await join({ epoch: EPOCH, after: log.floor });
    expect(near.socket.frames("hello")).toMatchObject([{ mode: "resumed" }]);
    expect(seqs(near.socket)).toEqual([log.head]);
  });

  it("share the text of one snapshot, however many come at once", async () => {
    await append(1);
    for (let i = 0; i < 5; i++) await join(undefined);
    expect(snapshots).toBe(1);
    viewers.events(await append(1));
    await join(undefined);
    expect(snapshots).toBe(2);
  });

  it("catch up in pages, are not told live events meanwhile, and join live in the turn that reaches the head", async () => {
    await append(...Array.from({ length: 60 }, () => 15_000));
    const { socket, viewer } = await join({ epoch: EPOCH, after: 0 });
    expect(socket.frames("events").at(-1)).toMatchObject({ more: true });
    viewers.events(await append(5));
    viewers.live('{"type":"live","items":[]}');
    expect(socket.frames("live")).toEqual([]);
    while (viewer.seat.cursor !== undefined) {
      const before = socket.sent.length;
      await viewers.catchUp(viewer, viewer.seat.cursor, () => []);
      const bytes = socket.sent.slice(before).reduce((sum, text) => sum + text.length, 0);
      expect(bytes).toBeLessThan(LIMITS.catchUpPageBytes + LIMITS.eventsFrameBytes);
    }
    viewers.events(await append(6));
    expect(seqs(socket)).toEqual(Array.from({ length: 62 }, (_, i) => i + 1));
    for (const text of socket.sent) expect(text.length).toBeLessThan(LIMITS.eventsFrameBytes + 1_000);
  });

  it("that lag get no live frames, then nothing: cut over 8 MiB, or after 10 s without progress", async () => {
    const { socket } = await join(undefined);
    socket.bufferedAmount = LIMITS.lagLiveBytes + 1;
    viewers.live('{"type":"live","items":[]}');
    expect(socket.frames("live")).toEqual([]);
    viewers.events(await append(1));
    expect(seqs(socket)).toEqual([1]);
    socket.bufferedAmount = LIMITS.lagCloseBytes + 1;
    viewers.events(await append(1));
    expect(socket.closed?.code).toBe(CLOSE.lagging);
    expect(cut).toEqual([socket]);
    expect(viewers.size).toBe(0);
  });

  it("that lag are looked at also when nothing more is said", async () => {
    const { socket } = await join(undefined);
    socket.bufferedAmount = LIMITS.lagLiveBytes * 2;
    viewers.live("{}");
    await host.wait(LIMITS.lagCloseMs - 100);
    expect(socket.closed).toBeUndefined();
    await host.wait(2_000);
    expect(socket.closed?.code).toBe(CLOSE.lagging);
    await host.wait(2_000);
    expect(host.timers).toBe(0);
  });

  it("that read slowly, but read, stay", async () => {
    const { socket } = await join(undefined);
    socket.bufferedAmount = LIMITS.lagLiveBytes * 2;
    for (let i = 0; i < 30; i++) {
      viewers.events(await append(1_000));
      // As much is read as is sent: the level stays, and yet there is progress.
      await host.wait(1_000);
    }
    expect(socket.closed).toBeUndefined();
  });

  it("on a host that cannot tell unread bytes are judged by what they report as seen", async () => {
    const { socket, viewer } = await join(undefined);
    socket.bufferedAmount = undefined;
    for (let i = 0; i < 80; i++) viewers.events(await append(15_000));
    viewers.live('{"type":"live","items":[]}');
    expect(socket.frames("live")).toEqual([]);
    viewers.seen(viewer, 80);
    viewers.live('{"type":"live","items":[]}');
    expect(socket.frames("live")).toHaveLength(1);
    for (let i = 0; i < 600; i++) viewers.events(await append(15_000));
    expect(socket.closed?.code).toBe(CLOSE.lagging);
  });

  it("lose their socket with their rights, keep it with more, and others keep theirs", async () => {
    const mine = (await join(undefined, seatOf("u_1", "operator"))).socket;
    const phone = (await join(undefined, seatOf("u_1", "operator"))).socket;
    const other = (await join(undefined, seatOf("u_2", "operator"))).socket;
    viewers.setRights("u_1", "admin", 2);
    expect([mine.closed, phone.closed]).toEqual([undefined, undefined]);
    expect(viewers.rights()).toEqual(
      new Map([
        ["u_1", 2],
        ["u_2", 1],
      ]),
    );
    viewers.setRights("u_1", "viewer", 1);
    expect(mine.closed).toBeUndefined();
    viewers.setRights("u_1", "viewer", 3);
    for (const socket of [mine, phone]) expect(socket.closed?.code).toBe(CLOSE.rights);
    viewers.setRights("u_2", null, Number.MAX_SAFE_INTEGER);
    expect(other.closed?.code).toBe(CLOSE.rights);
  });

  it("flood when they send more than the limit within the window, and not when they send it slower", async () => {
    const { viewer } = await join(undefined);
    for (let i = 0; i < LIMITS.floodFrames; i++) expect(viewers.floods(viewer)).toBe(false);
    expect(viewers.floods(viewer)).toBe(true);
    await host.wait(LIMITS.floodWindowMs + 1);
    expect(viewers.floods(viewer)).toBe(false);
  });

  it("of which one has just gone do not keep the others from being told", async () => {
    const gone = (await join(undefined)).socket;
    const here = (await join(undefined)).socket;
    gone.readyState = 3;
    viewers.events(await append(1));
    expect(seqs(here)).toEqual([1]);
    expect(viewers.size).toBe(1);
  });
});
