import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TestApp, type TestPerson } from "../api/test-app.ts";
import { redact } from "./redact.ts";

let app: TestApp;
let ana: TestPerson;

beforeEach(async () => {
  app = await TestApp.open();
  ana = await app.person("Ana");
});
afterEach(() => app.close());

test("the page of the installation tells versions, what does not answer, and what waits", async () => {
  const { status, body } = await ana.call("GET", "/api/instance");
  expect(status).toBe(200);
  expect(body).toMatchObject({
    versions: { node: process.versions.node, schema: expect.stringMatching(/^\d{4}_/), workerd: expect.any(String) },
    rooms: { answer: false, waiting: 0, dead: 0 },
    runners: [],
    disk: { ok: true, databaseBytes: expect.any(Number) },
    mail: { on: false, waiting: 0, dead: 0, lastError: null },
  });
});

test("its processes are those of the data folder that live", async () => {
  const entry = (name: string, pid: number) => ({ name, pid, born: "1" });
  writeFileSync(join(app.folder, "lock.json"), JSON.stringify({ pid: process.pid }));
  // No process has this id: Linux gives out none above 2^22.
  const table = { processes: [entry("api", process.pid), entry("runner", 2 ** 22 + 1)] };
  writeFileSync(join(app.folder, "processes.json"), JSON.stringify(table));
  const { body } = await ana.call("GET", "/api/instance");
  expect(body).toMatchObject({
    processes: [
      { name: "launcher", pid: process.pid },
      { name: "api", residentBytes: expect.any(Number), upS: expect.any(Number) },
    ],
  });
});

test("the end of a log comes without secrets; only logs can be read", async () => {
  expect(await ana.call("GET", "/api/instance/logs")).toMatchObject({ status: 200, body: { processes: [], lines: [] } });
  mkdirSync(join(app.folder, "logs"));
  const log = join(app.folder, "logs", "api.log");
  for (let n = 0; n < 50; n++) appendFileSync(log, `line ${n}\n`);
  appendFileSync(log, '{"path":"/join?invite=abcdefghijklmnop","token":"very secret"}\n');
  const { body } = await ana.call("GET", "/api/instance/logs?process=api&lines=3");
  expect(body).toEqual({
    processes: ["api"],
    lines: ["line 48", "line 49", '{"path":"/join?invite=[cut]","token":"[cut]"}'],
  });
  for (const name of ["rooms", "../atrium", "..%2Fsecrets%2Fvault.key", "api.log"]) {
    expect(await ana.call("GET", `/api/instance/logs?process=${name}`)).toMatchObject({ status: 404 });
  }
});

test("a log of many megabytes is read from its end only, and a line without end is cut", async () => {
  mkdirSync(join(app.folder, "logs"));
  writeFileSync(join(app.folder, "logs", "rooms.log"), `${"x".repeat(100)}\n`.repeat(100_000) + "y".repeat(5_000));
  const { body, text: raw } = await ana.call("GET", "/api/instance/logs?process=rooms&lines=1000");
  expect(body).toMatchObject({ lines: expect.arrayContaining(["x".repeat(100)]) });
  expect(raw.length).toBeLessThan(120_000);
  expect(raw).toContain(`${"y".repeat(2_000)}"`);
});

test.each([
  ["key atk_0123456789ab_AAAAbbbbCCCC_-dd used", "key atk_[cut] used"],
  ["authorization: Bearer abc.def-ghi_jkl", "authorization: Bearer [cut]"],
  ["GET /parties/x?ticket=aaa.bbb&epoch=1", "GET /parties/x?ticket=[cut]&epoch=1"],
  ["http://h/reset#QWERTY_-1", "http://h/reset#[cut]"],
  ["smtp://ana:hunter2@mail.example.com:587", "smtp://[cut]@mail.example.com:587"],
  ["cookie atrium_session=abc123; a=b", "cookie atrium_session=[cut]; a=b"],
  ["sk-ant-api03-AbCdEfGhIj", "sk-ant-[cut]"],
  ['{"password":"a \\"quoted\\" one","n":1}', '{"password":"[cut]","n":1}'],
  ["the run run_01h was queued at 10:20:30", "the run run_01h was queued at 10:20:30"],
])("%s is shown as %s", (line, shown) => {
  expect(redact(line)).toBe(shown);
});
