import pino from "pino";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../../db/test-database.ts";
import { WriteQueue } from "../../../db/write-queue.ts";
import type { RoomOp } from "../../../party/protocol/internal.ts";
import { createRoomClient, type RoomClient } from "./client.ts";
import { type FakeRooms, startFakeRooms } from "./fake-rooms.ts";
import { outboxTable } from "./outbox-table.ts";

const SECRET = "a secret between our own processes";
const ana = { id: "u_ana", name: "Ana", kind: "person" as const };
const post = (text: string): RoomOp => ({
  op: "command",
  actor: { ...ana, role: "member", rights: 1 },
  command: { type: "message.post", text },
});

describe("the room client", () => {
  let database: TestDatabase;
  let queue: WriteQueue;
  let rooms: FakeRooms;
  let client: RoomClient;

  const connect = (extra: { answerMs?: number; maxLinks?: number } = {}) => {
    const store = outboxTable(database.read, queue.write);
    return createRoomClient({ url: rooms.url, secret: SECRET, store, log: pino({ level: "silent" }), ...extra });
  };
  /** Commits outbox rows as a change of records does. */
  const commit = (room: string, texts: string[]) =>
    queue.write(({ toRoom }) => texts.map((text) => toRoom("company", room, { kind: "activity", by: ana, text })));
  const outboxRows = async () => Number((await database.read.execute("SELECT count(*) AS n FROM outbox")).rows[0]?.n);
  const textsOf = (path: string) =>
    (rooms.heard.get(path) ?? []).map(({ body }) => {
      if (body.op === "record" && body.change.kind === "activity") return body.change.text;
      if (body.op === "command" && body.command.type === "message.post") return body.command.text;
      return body.op;
    });

  beforeEach(async () => {
    database = await openTestDatabase();
    queue = new WriteQueue(database.writer, { generation: 1, clock: Date, onOutbox: () => client?.kickOutbox() });
    rooms = await startFakeRooms(SECRET);
    client = connect();
  });
  afterEach(async () => {
    await client.close();
    await queue.close();
    await rooms.close();
    database.remove();
  });

  it("answers a send with the room's own answer", async () => {
    rooms.refuse = (item) => (item.id === "no" ? { code: "forbidden", message: "You may not.", retryable: false } : undefined);
    expect(await client.send("session", "ss_1", { id: "yes", body: post("hello") })).toMatchObject({ ok: true, seq: 1 });
    expect(await client.send("session", "ss_1", { id: "no", body: post("hello") })).toMatchObject({
      ok: false,
      code: "forbidden",
    });
  });

  it("delivers committed rows in order, ahead of a send made after the commit, and deletes them", async () => {
    await commit("co_1", ["one", "two"]);
    await commit("co_1", ["three"]);
    await client.send("company", "co_1", { id: "ask", body: post("ask") });
    expect(textsOf("/parties/main/co_1")).toEqual(["one", "two", "three", "ask"]);
    await vi.waitUntil(async () => (await outboxRows()) === 0);
  });

  it("delivers what an earlier process left in the table", async () => {
    await client.close();
    await commit("co_1", ["left behind"]);
    client = connect();
    await vi.waitUntil(() => textsOf("/parties/main/co_1").includes("left behind"));
  });

  it("sends again after the rooms died, in order and without doubling", async () => {
    rooms.silent = true;
    const first = client.send("session", "ss_1", { id: "first", body: post("first") });
    await vi.waitUntil(() => textsOf("/parties/session/ss_1").length === 1);
    const second = client.send("session", "ss_1", { id: "second", body: post("second") });
    const { heard, url } = rooms;
    await rooms.close();
    rooms = await startFakeRooms(SECRET, Number(new URL(url).port), heard);
    expect(await first).toMatchObject({ ok: true, seq: 1 });
    expect(await second).toMatchObject({ ok: true, seq: 2 });
    expect(textsOf("/parties/session/ss_1")).toEqual(["first", "second"]);
  });

  it("says that rooms are away when no answer comes in time, and keeps rows for later", async () => {
    const { url, heard } = rooms;
    await rooms.close();
    await client.close();
    client = connect({ answerMs: 100 });
    await commit("co_1", ["kept"]);
    expect(await client.send("company", "co_1", { id: "ask", body: post("ask") })).toMatchObject({
      ok: false,
      code: "rooms_away",
      retryable: true,
    });
    rooms = await startFakeRooms(SECRET, Number(new URL(url).port), heard);
    await vi.waitUntil(() => textsOf("/parties/main/co_1").length > 0);
    expect(textsOf("/parties/main/co_1")).toEqual(["kept"]);
  });

  it("shares frames while four are unanswered", async () => {
    rooms.silent = true;
    const sends: Promise<unknown>[] = [];
    for (let i = 0; i < 4; i++) {
      sends.push(client.send("session", "ss_1", { id: `early-${i}`, body: post("x") }));
      await vi.waitUntil(() => rooms.frames.length === i + 1);
    }
    for (let i = 0; i < 40; i++) sends.push(client.send("session", "ss_1", { id: `late-${i}`, body: post("x") }));
    rooms.speak();
    await Promise.all(sends);
    expect(rooms.frames).toEqual([1, 1, 1, 1, 40]);
  });

  it("puts a row aside that the room refuses for good and goes on", async () => {
    rooms.refuse = (item) =>
      item.body.op === "record" && item.body.row === 1 ? { code: "gone", message: "No such room.", retryable: false } : undefined;
    await commit("co_1", ["bad", "good"]);
    await vi.waitUntil(async () => (await outboxRows()) === 0);
    const dead = await database.read.execute("SELECT id, code, attempts FROM outbox_dead");
    expect(dead.rows).toMatchObject([{ id: 1, code: "gone", attempts: 1 }]);
    expect(textsOf("/parties/main/co_1")).toEqual(["good"]);
    expect(client.stats().outboxBuried).toBe(1);
  });

  it("tries a row again that the room refuses for the moment, before anything after it", async () => {
    let refusals = 2;
    rooms.refuse = () => (refusals-- > 0 ? { code: "storage_full", message: "No space.", retryable: true } : undefined);
    await commit("co_1", ["one"]);
    await commit("co_1", ["two"]);
    await client.send("company", "co_1", { id: "ask", body: post("ask") });
    expect(textsOf("/parties/main/co_1")).toEqual(["one", "two", "ask"]);
  });

  it("keeps order over more rows than it holds in memory", async () => {
    const texts = Array.from({ length: 2_600 }, (_, i) => `row ${i}`);
    for (let i = 0; i < texts.length; i += 650) await commit("co_1", texts.slice(i, i + 650));
    await client.send("company", "co_1", { id: "ask", body: post("ask") });
    expect(textsOf("/parties/main/co_1")).toEqual([...texts, "ask"]);
  }, 20_000);

  it("keeps to its number of sockets and still reaches every room", async () => {
    await client.close();
    client = connect({ maxLinks: 2 });
    const sends = Array.from({ length: 8 }, (_, i) => client.send("session", `ss_${i}`, { id: `id-${i}`, body: post("x") }));
    const answers = await Promise.all(sends);
    expect(answers.every((answer) => answer.ok)).toBe(true);
    expect(client.stats().linksOpen).toBeLessThanOrEqual(2);
  });
});
