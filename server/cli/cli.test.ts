/** The command line over a data folder whose instance does not run; e2e/chaos/backup.test.ts has one that does. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LogFile } from "../launcher/log-file.ts";
import { pickPort } from "../launcher/ports.ts";
import { loadGeneration, loadSecrets } from "../launcher/secrets.ts";
import { lookAtClock } from "./doctor/machine.ts";
import { runCli } from "./run.ts";

const ROOT = resolve(import.meta.dirname, "../..");
let data: string;
let port: number;
beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), "atrium-cli-"));
  port = await pickPort("127.0.0.1");
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

type Said = { code: number; out: string; err: string };

async function atrium(...args: string[]): Promise<Said> {
  const out: string[] = [];
  const err: string[] = [];
  const env = { ATRIUM_DATA: data, PORT: String(port), PATH: process.env.PATH };
  const code = await runCli(args, { root: ROOT, env, say: (line) => out.push(line), warn: (line) => err.push(line) });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

/** An instance that was started once and has nobody yet. */
async function instance(): Promise<void> {
  loadSecrets(data, {});
  loadGeneration(data);
  expect((await atrium("migrate")).code).toBe(0);
}

const rows = (sql: string): unknown[] => {
  const database = new DatabaseSync(join(data, "atrium.db"));
  const found = database.prepare(sql).all();
  database.close();
  return found.map((row) => ({ ...row }));
};

describe("a command line", () => {
  it("lists its commands, and tells each one's usage", async () => {
    const { code, out } = await atrium("--help");
    expect(code).toBe(0);
    for (const name of ["doctor", "logs", "backup create", "restore", "user reset-password", "audit verify"])
      expect(out).toContain(name);
    expect((await atrium("restore", "--help")).out).toContain("Usage: npm run atrium -- restore <file>");
  });

  it.each([
    [["bakup", "create"], 'There is no command "bakup". Did you mean "backup create"?'],
    [["nonsense"], 'There is no command "nonsense". `npm run atrium -- --help` lists them.'],
    [["backup"], 'There is no command "backup".'],
    [["restore"], "Something is missing."],
    [["doctor", "me"], "me is one word too many."],
    [["logs", "-n", "many"], '--lines is "many" and must be a whole number.'],
    [["backup", "create", "--too", "x"], "Unknown option '--too'"],
  ])("that is mistyped says so: %j", async (args, sentence) => {
    const { code, err, out } = await atrium(...args);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toContain(sentence);
  });

  it("says where it looked when there is no instance", async () => {
    const { code, err } = await atrium("user", "reset-password", "ana@example.com");
    expect(code).toBe(1);
    expect(err).toContain(`There is no instance in ${data}`);
  });

  it("stops at a mistake in the settings with its line", async () => {
    writeFileSync(join(data, "atrium.yaml"), "\nprot: 1\n");
    const { code, err } = await atrium("audit", "verify");
    expect([code, err]).toEqual([1, "atrium.yaml line 2: there is no setting `prot`. Did you mean `port`?"]);
  });
});

describe("accounts", () => {
  it("are made with a link that sets the password; the first one owns the instance", async () => {
    await instance();
    const ana = await atrium("user", "create", "Ana@Example.com", "--name", "Ana");
    expect(ana.out).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${port}/reset#[A-Za-z0-9_-]{43}$`));
    expect((await atrium("user", "create", "ben@example.com", "--name", "Ben")).code).toBe(0);
    expect(rows("SELECT email, instance_owner FROM users ORDER BY email")).toEqual([
      { email: "ana@example.com", instance_owner: 1 },
      { email: "ben@example.com", instance_owner: 0 },
    ]);
    expect((await atrium("user", "create", "ana@example.com", "--name", "Ana")).err).toContain(
      "There is an account with ana@example.com already",
    );
  });

  it.each([
    [["user", "create", "no address", "--name", "A"], 2, "That is no e-mail address."],
    [["user", "create", "ana@example.com"], 2, "Say how the person is called"],
    [["user", "create", "ana@example.com", "--name", " "], 2, "A name has 1 to 80 characters."],
    [["user", "reset-password", "eve@example.com"], 1, "Nobody has an account with eve@example.com."],
    [["api-key", "create", "eve@example.com"], 1, "Nobody has an account with eve@example.com."],
  ])("refuse %j", async (args, code, sentence) => {
    await instance();
    const said = await atrium(...args);
    expect([said.code, said.out]).toEqual([code, ""]);
    expect(said.err).toContain(sentence);
  });

  it("get keys, which are shown once and stored as a hash; all of it stands in the audit", async () => {
    await instance();
    await atrium("user", "create", "ana@example.com", "--name", "Ana");
    const { out } = await atrium("api-key", "create", "ana@example.com", "--name", "nightly");
    expect(out).toMatch(/^atk_[0-9a-f]{12}_/);
    expect(rows("SELECT name FROM api_keys")).toEqual([{ name: "nightly" }]);
    expect(readFileSync(join(data, "atrium.db")).includes(out)).toBe(false);
    expect(rows("SELECT action FROM activity ORDER BY n")).toEqual(
      ["account.created", "account.reset_link_made", "api_key.created"].map((action) => ({ action })),
    );
    expect((await atrium("audit", "verify")).out).toBe("the instance: 3 entries, whole");
  });
});

it("an audit that was changed is found", async () => {
  await instance();
  await atrium("user", "create", "ana@example.com", "--name", "Ana");
  rows("UPDATE activity SET actor_name = 'Nobody' WHERE n = 1");
  const { code, out } = await atrium("audit", "verify");
  expect([code, out]).toEqual([1, "the instance: BROKEN at entry 1: its content was changed"]);
});

it("nothing runs where nothing was started", async () => {
  await instance();
  expect((await atrium("stop-everything")).out).toContain("Atrium does not run here");
});

describe("logs", () => {
  it("show the last lines, of one process or of all", async () => {
    expect((await atrium("logs")).err).toContain("There are no logs in");
    mkdirSync(join(data, "logs"));
    const api = new LogFile(join(data, "logs/api.log"));
    for (let i = 1; i <= 5_000; i++) api.write(`line ${i} ${"x".repeat(20)}\n`);
    const rooms = new LogFile(join(data, "logs/rooms.log"));
    rooms.write("started\n");
    const last = (await atrium("logs", "api", "-n", "2")).out;
    expect(last.split("\n").map((line) => line.slice(0, 9))).toEqual(["line 4999", "line 5000"]);
    expect((await atrium("logs", "-n", "1")).out.split("\n").map((line) => line.slice(0, 18))).toEqual([
      "api      line 5000",
      "rooms    started",
    ]);
    api.close();
    rooms.close();
  });
});

describe("the doctor", () => {
  const find = async (name: string) => {
    const { out, code } = await atrium("doctor", "--json");
    const report = JSON.parse(out) as { ok: boolean; checks: { name: string; state: string; says: string; fix?: string }[] };
    expect(report.ok).toBe(code === 0);
    return report.checks.find((check) => check.name === name);
  };

  it("finds nothing wrong with a fresh instance but that it has no backup", async () => {
    await instance();
    const { code, out } = await atrium("doctor");
    expect(out).toContain("Everything it needs is there.");
    expect(code).toBe(0);
    expect(await find("backups")).toMatchObject({ state: "warning", fix: expect.stringContaining("backup create") });
    expect(await find("database")).toMatchObject({ state: "fine", says: expect.stringMatching(/^whole, /) });
  });

  it("finds a missing vault key, wide rights, a damaged database and room, an old backup", async () => {
    await instance();
    rmSync(join(data, "secrets/vault.key"));
    expect(await find("secrets")).toMatchObject({ state: "problem", says: expect.stringContaining("vault.key is missing") });
    loadSecrets(data, {});
    chmodSync(join(data, "secrets/rooms.key"), 0o644);
    expect(await find("secrets")).toMatchObject({ state: "problem", fix: expect.stringContaining("chmod 600") });
    chmodSync(join(data, "atrium.db"), 0o644);
    expect(await find("data folder")).toMatchObject({ state: "problem", fix: expect.stringContaining("chmod -R go-rwx") });
    mkdirSync(join(data, "rooms/storage/-agentDO"), { recursive: true, mode: 0o700 });
    writeFileSync(join(data, "rooms/storage/-agentDO/room.sqlite"), "not a room".repeat(500));
    expect(await find("storage of rooms")).toMatchObject({ state: "problem", says: expect.stringContaining("1 of 1") });
    mkdirSync(join(data, "backups"), { recursive: true });
    writeFileSync(join(data, "backups/atrium-old.tar"), "");
    utimesSync(join(data, "backups/atrium-old.tar"), new Date(0), new Date(0));
    expect(await find("backups")).toMatchObject({ state: "warning", says: expect.stringMatching(/days old/) });
    for (const log of ["-wal", "-shm"]) rmSync(join(data, `atrium.db${log}`), { force: true });
    writeFileSync(join(data, "atrium.db"), "no database".repeat(500));
    expect(await find("database")).toMatchObject({ state: "problem", fix: expect.stringContaining("restore") });
  });

  it("says what is wrong with settings that cannot be read", async () => {
    writeFileSync(join(data, "atrium.yaml"), "port: eighty\n");
    expect(await find("settings")).toMatchObject({ state: "problem", says: expect.stringContaining("atrium.yaml line 1") });
  });

  it("finds a clock that stands before the program was made", () => {
    expect(lookAtClock(0)).toMatchObject({ state: "problem" });
    expect(lookAtClock(Date.UTC(2027, 0, 1))).toMatchObject({ state: "fine" });
  });

  it("leaves no lock behind", async () => {
    await instance();
    await atrium("doctor");
    expect(existsSync(join(data, "lock.json"))).toBe(false);
  });
});
