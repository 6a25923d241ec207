/** A newer Atrium over the data of an older one, and back. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openDatabase } from "../../db/client.ts";
import { migrate, readMigrations } from "../../db/migrate.ts";
import { ApiClient } from "../harness/api-client.ts";
import { atrium } from "../harness/cli.ts";
import { foundCompany, quietSession } from "../harness/company.ts";
import { type Instance, launch, ROOT, startInstance } from "../harness/instance.ts";
import { until } from "../harness/until.ts";
import { Viewer } from "../harness/viewer.ts";

let data: string;
let instance: Instance | undefined;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "atrium-upgrade-"));
});
afterEach(async () => {
  await instance?.remove();
  instance = undefined;
  rmSync(data, { recursive: true, force: true });
});

const copies = (): string[] => readdirSync(join(data, "backups")).filter((name) => name.startsWith("before-"));

/** Runs SQL on the database of an instance that is stopped. */
function inDatabase(sql: string): void {
  const database = new DatabaseSync(join(data, "atrium.db"));
  database.exec(sql);
  database.close();
}

it("copies an older database before it changes it, and everything in it is there afterwards", { timeout: 60_000 }, async () => {
  const [first] = readMigrations(join(ROOT, "db/migrations"));
  const old = await openDatabase(data);
  await migrate(old, first ? [first] : [], new Date(), "0.0.1");
  await old.writer.execute(
    "INSERT INTO users (id, email, name, timezone, password_hash, created_at) VALUES ('u_1', 'ana@example.com', 'Ana', 'UTC', 'none', '2026-01-01T00:00:00.000Z')",
  );
  old.close();

  instance = await startInstance({ data });
  expect(instance.ownerLink, "it has people already").toBeUndefined();
  const [copy = ""] = copies();
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
  expect(copy).toMatch(new RegExp(`^before-${version}-.*\\.db$`));
  expect(statSync(join(data, "backups", copy)).mode & 0o777).toBe(0o600);
  const seen = new DatabaseSync(join(data, "backups", copy), { readOnly: true });
  expect(
    seen
      .prepare("SELECT tag FROM migrations")
      .all()
      .map(({ tag }) => tag),
  ).toEqual([first?.tag]);
  seen.close();
  expect((await atrium(data, ["user", "reset-password", "ana@example.com"])).out).toMatch(/\/reset#/);
});

it("refuses the data of a newer version with the way back, and that way leads back", { timeout: 90_000 }, async () => {
  instance = await startInstance({ data });
  const office = await foundCompany(instance);
  const session = await quietSession(office);
  await office.owner.post(office.company, session, "before the upgrade");
  await until("the archive", async () => (await office.owner.messages(office.company, session)).items.length === 1);
  await instance.stop();

  // What an upgrade does: a copy, then changes this version knows nothing of.
  const database = await openDatabase(data);
  const known = readMigrations(join(ROOT, "db/migrations"));
  const next = { tag: "9999_next", when: 1, hash: "h", statements: ["CREATE TABLE next (id TEXT)"] };
  const { copy } = await migrate(database, [...known, next], new Date(), "9.9.9");
  database.close();

  const refused = launch({ data });
  expect((await refused.exit).code).toBe(1);
  expect(refused.output()).toContain("This data was used by Atrium 9.9.9 (its database has 9999_next)");
  const command = /npm run atrium -- (restore \S+ --force)/.exec(refused.output())?.[1] ?? "";
  expect(command).toBe(`restore ${copy} --force`);
  expect((await atrium(data, ["doctor"])).out).toMatch(/PROBLEM +database +It was written by a newer Atrium \(9999_next\)/);

  const back = await atrium(data, command.split(" "));
  expect(back).toMatchObject({ code: 0 });
  instance = await startInstance({ data });
  const ana = await ApiClient.signIn(instance.url, "Ana");
  const reader = await new Viewer(ana, "session", session).join();
  expect(reader.state.messages.map(({ text }) => text)).toEqual(["before the upgrade"]);
  await ana.post(office.company, session, "after the way back");
  await until("the message", () => reader.state.messages.length === 2);
  expect(reader.witness.violations).toEqual([]);
  reader.stop();
});

it("hands up again from the rooms what a copy of the database does not have", { timeout: 90_000 }, async () => {
  instance = await startInstance({ data });
  const office = await foundCompany(instance);
  const session = await quietSession(office);
  await office.owner.post(office.company, session, "in the copy");
  await until("the archive", async () => (await office.owner.messages(office.company, session)).items.length === 1);
  await instance.stop();
  const copy = join(data, "copy.db");
  inDatabase(`VACUUM INTO '${copy}'`);
  instance = await startInstance({ data });
  const again = await ApiClient.signIn(instance.url, "Ana");
  await again.post(office.company, session, "only in the room");
  await until("the archive", async () => (await again.messages(office.company, session)).items.length === 2);
  await instance.stop();

  expect((await atrium(data, ["restore", copy])).err).toContain("--force");
  expect(await atrium(data, ["restore", copy, "--force"])).toMatchObject({ code: 0 });
  instance = await startInstance({ data });
  const ana = await ApiClient.signIn(instance.url, "Ana");
  await until("the archive to have it again", async () => {
    const { items } = await ana.messages(office.company, session);
    return items.some(({ text }) => text === "only in the room");
  });
  const { items } = await ana.messages(office.company, session);
  expect(items.map(({ text }) => text).sort()).toEqual(["in the copy", "only in the room"]);
});
