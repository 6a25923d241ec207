import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { StorageFull } from "../../db/errors.ts";
import { openTestDatabase, type TestDatabase } from "../../db/test-database.ts";
import { type Write, WriteQueue } from "../../db/write-queue.ts";
import { createSessions } from "./sessions.ts";

const AT = "2026-01-01T00:00:00.000Z";
const log = pino({ level: "silent" });
/** A disk without space. */
const full: Write = () => Promise.reject(new StorageFull("no space"));

let database: TestDatabase;
let queue: WriteQueue;

beforeEach(async () => {
  database = await openTestDatabase();
  queue = new WriteQueue(database.writer, { generation: 1, clock: Date, onOutbox: () => undefined });
  await queue.write(() => [
    {
      sql: "INSERT INTO users (id, email, name, timezone, password_hash, created_at) VALUES ('u_1', 'a@b.c', 'Ana', 'UTC', '', ?)",
      args: [AT],
    },
  ]);
});
afterEach(async () => {
  await queue.close();
  database.remove();
});

const started = async () =>
  (await createSessions(database.read, queue.write, log).start("u_1", { device: "a browser", network: undefined })).token;
const onFullDisk = (token: string) => createSessions(database.read, full, log).check(token);

test("on a full disk a good session is good, also when it is due for renewal", async () => {
  const token = await started();
  const soon = new Date(Date.now() + 60_000).toISOString();
  await queue.write(() => [{ sql: "UPDATE auth_sessions SET expires_at = ?", args: [soon] }]);
  expect(await onFullDisk(token)).toMatchObject({ user: { id: "u_1" } });
});

test("on a full disk an expired session is no session, and no failure of the disk", async () => {
  const token = await started();
  await queue.write(() => [{ sql: "UPDATE auth_sessions SET expires_at = ?", args: [AT] }]);
  expect(await onFullDisk(token)).toBeUndefined();
});
