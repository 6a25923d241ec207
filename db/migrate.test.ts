import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@libsql/client/sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Database, openDatabase } from "./client.ts";
import { MigrationRefused } from "./errors.ts";
import { type Migration, migrate, readMigrations } from "./migrate.ts";
import { MIGRATIONS } from "./test-database.ts";

const NOW = new Date("2026-01-02T03:04:05.678Z");
const real = readMigrations(MIGRATIONS);
const next: Migration = {
  tag: "9999_next",
  when: 1,
  hash: "h",
  statements: ["CREATE TABLE next (id TEXT)", "INSERT INTO next VALUES ('1')"],
};

let folder: string;
let database: Database;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "atrium-migrate-"));
  database = await openDatabase(folder);
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

const tables = async () =>
  (await database.read.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")).rows.map((row) => String(row.name));

test("a fresh folder gets everything and no copy; again there is nothing to do", async () => {
  expect(await migrate(database, real, NOW)).toEqual({ applied: real.map(({ tag }) => tag), copy: undefined });
  expect(await tables()).toEqual(expect.arrayContaining(["users", "companies", "room_events", "outbox", "activity"]));
  expect(await migrate(database, real, NOW)).toEqual({ applied: [], copy: undefined });
});

test("what is there is copied before it is changed", async () => {
  await migrate(database, real, NOW);
  await database.writer.execute("INSERT INTO instance VALUES ('before', '1')");
  const { applied, copy } = await migrate(database, [...real, next], NOW, "1.2.0");
  expect(applied).toEqual(["9999_next"]);
  expect(readdirSync(join(folder, "backups"))).toEqual(["before-1.2.0-2026-01-02T03-04-05.678Z.db"]);
  expect(statSync(String(copy)).mode & 0o777).toBe(0o600);
  const old = createClient({ url: `file:${copy}` });
  expect((await old.execute("SELECT key FROM instance")).rows.map((row) => row.key)).toEqual(["before", "version"]);
  await expect(old.execute("SELECT * FROM next")).rejects.toThrow("no such table");
  old.close();
});

test("a step that fails leaves nothing of itself", async () => {
  await migrate(database, real, NOW);
  const broken = { ...next, statements: ["CREATE TABLE half (id TEXT)", "INSERT INTO nowhere VALUES (1)"] };
  await expect(migrate(database, [...real, broken], NOW)).rejects.toThrow("nowhere");
  expect(await tables()).not.toContain("half");
  expect((await migrate(database, [...real, next], new Date(NOW.getTime() + 1))).applied).toEqual(["9999_next"]);
});

test("a database of a newer version is refused with the way back: the version, the copy and the command", async () => {
  await migrate(database, real, NOW, "1.1.0");
  const { copy } = await migrate(database, [...real, next], NOW, "1.2.0");
  const refused = migrate(database, real, NOW, "1.1.0");
  await expect(refused).rejects.toThrow(MigrationRefused);
  await expect(refused).rejects.toThrow(/used by Atrium 1\.2\.0 \(its database has 9999_next\), and this is 1\.1\.0/);
  await expect(refused).rejects.toThrow(`npm run atrium -- restore ${copy} --force`);
  rmSync(String(copy));
  await expect(migrate(database, real, NOW, "1.1.0")).rejects.toThrow("npm run atrium -- restore <file> --force");
});

test("a database whose steps were other ones is refused", async () => {
  await migrate(database, [...real, next], NOW);
  await expect(migrate(database, [...real, { ...next, hash: "other" }], NOW)).rejects.toThrow("differs");
});

test("only the newest copies are kept", async () => {
  await migrate(database, real, NOW);
  const steps = Array.from({ length: 7 }, (_, i) => ({
    ...next,
    tag: `900${i}_step`,
    statements: [`CREATE TABLE step${i} (id TEXT)`],
  }));
  for (const i of steps.keys()) await migrate(database, [...real, ...steps.slice(0, i + 1)], new Date(NOW.getTime() + i * 1_000));
  expect(readdirSync(join(folder, "backups")).sort()).toEqual(
    ["2026-01-02T03-04-09.678Z", "2026-01-02T03-04-10.678Z", "2026-01-02T03-04-11.678Z"].map((at) => `before-0.0.0-${at}.db`),
  );
});

test("the read client cannot write", async () => {
  await migrate(database, real, NOW);
  await expect(database.read.execute("INSERT INTO instance VALUES ('a', 'b')")).rejects.toThrow(/readonly/);
});

test("the pragmas hold on the write connection", async () => {
  const pragma = async (name: string) => (await database.writer.execute(`PRAGMA ${name}`)).rows[0]?.[0];
  expect(await pragma("journal_mode")).toBe("wal");
  expect(await pragma("synchronous")).toBe(2);
  expect(await pragma("foreign_keys")).toBe(1);
});
