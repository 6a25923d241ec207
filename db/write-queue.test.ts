import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { verifyChain } from "./audit.ts";
import { WriteRefused } from "./errors.ts";
import { openTestDatabase, type TestDatabase } from "./test-database.ts";
import { mustHold, orRefuse, type Statement, type Unit, WriteQueue } from "./write-queue.ts";

const NOW = Date.parse("2026-01-02T03:04:05.678Z");
const actor = { id: "u_1", name: "Ana", kind: "person" } as const;

let database: TestDatabase;
let queue: WriteQueue;
let kicks: number;

beforeEach(async () => {
  database = await openTestDatabase();
  kicks = 0;
  queue = new WriteQueue(database.writer, { generation: 3, clock: { now: () => NOW }, onOutbox: () => kicks++ });
});
afterEach(async () => {
  await queue.close();
  database.remove();
});

const row = (key: string, value: string): Statement => ({
  sql: "INSERT INTO instance (key, value) VALUES (?, ?)",
  args: [key, value],
});
const set = (key: string, value: string): Unit => {
  return () => [row(key, value)];
};
const log = (chain: string, what: string): Unit => {
  return ({ activity }) => [activity({ chain, actor, action: what, subject: { kind: "test", id: what } })];
};
/** What the test wrote; the migration notes the version that made the database. */
const values = async () => {
  const { rows } = await database.read.execute("SELECT key FROM instance WHERE key <> 'version' ORDER BY rowid");
  return rows.map(({ key }) => key);
};

/** Fills the full-text index, which writes what it holds back at the next savepoint of the transaction. */
const searchable: Unit = () => [
  { sql: "INSERT INTO companies (id, name, prefix, created_by, created_at) VALUES ('co_1', 'A', 'A', 'u_1', 'now')" },
  {
    sql: `INSERT INTO search_docs (key, company, kind, ref, by_name, at, scope, body)
      VALUES ('message:1', 'co_1', 'message', 'msg_1', 'Ana', 'now', 'co1', 'the old fern')`,
  },
];

describe("units", () => {
  test("a guard counts the statement before it alone, also behind a write to the full-text index", async () => {
    const [indexed, stale, current] = await Promise.allSettled([
      queue.write(searchable),
      queue.write(() => [{ sql: "UPDATE instance SET value = 'x' WHERE key = 'nobody'" }, orRefuse("stale")]),
      queue.write(() => [row("a", "1"), orRefuse("stale")]),
    ]);
    expect(indexed.status).toBe("fulfilled");
    expect(stale).toEqual({ status: "rejected", reason: new WriteRefused("stale") });
    expect(current.status).toBe("fulfilled");
  });

  test("each caller gets the results of its own statements", async () => {
    const [first, second] = await Promise.all([
      queue.write(() => [row("a", "1"), row("b", "2")]),
      queue.write(() => [{ sql: "UPDATE instance SET value = 'x' WHERE key IN ('a', 'b') RETURNING key" }]),
    ]);
    expect(first.map((result) => result.rowsAffected)).toEqual([1, 1]);
    expect(second.map((result) => result.rows.map((row) => row.key))).toEqual([["a", "b"]]);
  });

  test("a bad neighbour fails alone, and its part of the group is undone", async () => {
    const results = await Promise.allSettled([
      queue.write(set("a", "1")),
      queue.write(() => [row("b", "1"), { sql: "INSERT INTO nowhere VALUES (1)" }]),
      queue.write(set("c", "1")),
      queue.write(() => {
        throw new Error("cannot be computed");
      }),
      queue.write(set("d", "1")),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "rejected", "fulfilled"]);
    expect(await values()).toEqual(["a", "c", "d"]);
  });

  test("a unit refuses itself when the row it wants to change is not as it saw it", async () => {
    await queue.write(set("a", "1"));
    const change = (seen: string, next: string) =>
      queue.write(() => [
        { sql: "UPDATE instance SET value = ? WHERE key = 'a' AND value = ?", args: [next, seen] },
        orRefuse("stale"),
        row(`by ${next}`, ""),
      ]);
    const results = await Promise.allSettled([change("1", "2"), change("1", "3"), queue.write(set("z", "1"))]);
    expect(results[1]).toMatchObject({ status: "rejected", reason: { name: "WriteRefused", code: "stale" } });
    expect(await values()).toEqual(["a", "by 2", "z"]);
  });

  test("a guard sees what its own unit wrote", async () => {
    const unit: Unit = () => [row("a", "1"), mustHold("alone", "SELECT count(*) = 1 FROM instance WHERE key <> 'version'")];
    await queue.write(unit);
    await expect(
      queue.write(() => [row("b", "1"), mustHold("alone", "SELECT count(*) = 1 FROM instance WHERE key <> 'version'")]),
    ).rejects.toThrow(WriteRefused);
    expect(await values()).toEqual(["a"]);
  });

  test("messages to rooms are committed with their unit, carry the generation, and wake the sender once a group", async () => {
    const tell = (text: string): Unit => {
      return ({ toRoom }) => [toRoom("company", "co_1", { kind: "activity", by: actor, text })];
    };
    await Promise.all([queue.write(tell("one")), queue.write(tell("two"))]);
    const { rows } = await database.read.execute("SELECT id, generation, payload, created_at FROM outbox ORDER BY id");
    expect(rows.map((row) => [row.id, row.generation, row.created_at])).toEqual([
      [1, 3, new Date(NOW).toISOString()],
      [2, 3, new Date(NOW).toISOString()],
    ]);
    expect(kicks).toBe(1);
  });

  test("a full disk is told as such, writes nothing of the group, and ends by itself", async () => {
    const pages = async (limit: string) => Number((await database.writer.execute(`PRAGMA max_page_count${limit}`)).rows[0]?.[0]);
    const before = await pages("");
    const used = Number((await database.writer.execute("PRAGMA page_count")).rows[0]?.[0]);
    await pages(` = ${used}`);
    const results = await Promise.allSettled([queue.write(set("a", "1")), queue.write(set("big", "x".repeat(100_000)))]);
    expect(results).toMatchObject([{ reason: { code: "storage_full" } }, { reason: { code: "storage_full" } }]);
    expect(await values()).toEqual([]);
    await pages(` = ${before}`);
    await queue.write(set("a", "1"));
    expect(await values()).toEqual(["a"]);
  });

  test("what waits is written before the queue closes, and nothing after", async () => {
    const waiting = Array.from({ length: 100 }, (_, i) => queue.write(set(`k${i}`, "1")));
    await queue.close();
    await Promise.all(waiting);
    expect(await values()).toHaveLength(100);
    await expect(queue.write(set("late", "1"))).rejects.toThrow("closing");
  });
});

describe("the audit chain", () => {
  test("stays whole whatever fails around it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            chain: fc.constantFrom("instance", "co_1", "co_2"),
            fate: fc.constantFrom("good", "good", "bad", "refused", "throws"),
            pause: fc.boolean(),
          }),
          { minLength: 1, maxLength: 80 },
        ),
        async (steps) => {
          const local = await openTestDatabase();
          const writer = new WriteQueue(local.writer, { generation: 1, clock: { now: () => NOW }, onOutbox: () => {} });
          const expected: string[] = [];
          const settled = [];
          for (const [i, { chain, fate, pause }] of steps.entries()) {
            const unit: Unit = (context) => {
              const rows = log(chain, `step ${i}`)(context);
              if (fate === "throws") throw new Error("cannot be computed");
              if (fate === "bad") return [...rows, { sql: "INSERT INTO nowhere VALUES (1)" }];
              return fate === "refused" ? [...rows, mustHold("never", "SELECT 0")] : rows;
            };
            if (fate === "good") expected.push(`${chain} step ${i}`);
            const write = writer.write(unit, { chains: [chain] });
            settled.push(write.then(() => true).catch(() => false));
            if (pause) await write.catch(() => {});
          }
          expect(await Promise.all(settled)).toEqual(steps.map(({ fate }) => fate === "good"));
          const { rows } = await local.read.execute("SELECT chain, action FROM activity ORDER BY rowid");
          expect(rows.map((row) => `${row.chain} ${row.action}`)).toEqual(expected);
          for (const chain of ["instance", "co_1", "co_2"])
            expect(await verifyChain(local.read, chain)).toMatchObject({ ok: true });
          await writer.close();
          local.remove();
        },
      ),
      { numRuns: 25 },
    );
  });

  test.each([
    ["a changed row", "UPDATE activity SET actor_name = 'Eve' WHERE n = 2", { ok: false, at: 2 }],
    ["a removed row", "DELETE FROM activity WHERE n = 2", { ok: false, at: 2 }],
    ["a rewritten hash", "UPDATE activity SET hash = lower(hex(randomblob(32))) WHERE n = 1", { ok: false, at: 1 }],
  ])("%s shows", async (_name, sql, found) => {
    for (const what of ["one", "two", "three"]) await queue.write(log("co_1", what), { chains: ["co_1"] });
    expect(await verifyChain(database.read, "co_1")).toEqual({ ok: true, entries: 3 });
    await database.writer.execute(sql);
    expect(await verifyChain(database.read, "co_1")).toMatchObject(found);
  });

  test("goes on from where it was after a restart", async () => {
    await queue.write(log("co_1", "one"), { chains: ["co_1"] });
    const next = new WriteQueue(database.writer, { generation: 3, clock: { now: () => NOW }, onOutbox: () => {} });
    await next.write(log("co_1", "two"), { chains: ["co_1"] });
    expect(await verifyChain(database.read, "co_1")).toEqual({ ok: true, entries: 2 });
  });
});
