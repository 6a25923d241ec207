import { createHash } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type LinkItem, roomPath } from "../../../party/protocol/internal.ts";
import { type FakeRooms, startFakeRooms } from "../../rooms/client/fake-rooms.ts";
import { declaredRoutes } from "../route.ts";
import { TEST_SECRETS, TestApp, type TestPerson, text } from "../test-app.ts";

let rooms: FakeRooms;
let app: TestApp;
let ana: TestPerson;
let company: string;
let agent: string;
/** bytes */
let free: number;

beforeEach(async () => {
  free = Number.MAX_SAFE_INTEGER;
  rooms = await startFakeRooms(TEST_SECRETS.ATRIUM_ROOMS_SECRET);
  app = await TestApp.open({ env: { ATRIUM_ROOMS_URL: rooms.url }, freeSpace: async () => free });
  ana = await app.person("Ana");
  company = await ana.makeCompany("North");
  agent = text((await ana.call("GET", `/api/companies/${company}/agents`)).body, "items", "0", "id");
});
afterEach(async () => {
  await app.close();
  await rooms.close();
});

const post = (path: string, body: unknown, key: string, person = ana) =>
  person.call("POST", path, { body, headers: { "idempotency-key": key } });
const commands = (party: "company" | "agent", room: string) =>
  (rooms.heard.get(roomPath(party, room)) ?? []).filter(({ body }: LinkItem) => body.op === "command");

/** What an api process leaves behind that dies between taking a key and answering. */
async function dieWith(path: string, body: unknown, key: string): Promise<void> {
  const digest = createHash("sha256").update(JSON.stringify(body)).digest("hex");
  await app.services.write(({ now }) => [
    {
      sql: "INSERT INTO idempotency (scope, key, digest, at) VALUES (?, ?, ?, ?)",
      args: [`${ana.id} POST ${path}`, key, digest, now],
    },
  ]);
}

test("a command whose answer died with its process is sent again, and its answer is kept from then on", async () => {
  rooms.result = () => ({ runId: "run_a" });
  const wake = { path: `/api/companies/${company}/agents/${agent}/wake`, body: { prompt: "Tidy up" } };
  await dieWith(wake.path, wake.body, "key-1");
  expect(await post(wake.path, { prompt: "Else" }, "key-1")).toMatchObject({ status: 422 });
  expect(await post(wake.path, wake.body, "key-1")).toMatchObject({ status: 202, body: { runId: "run_a" } });
  const again = await post(wake.path, wake.body, "key-1");
  expect([again.status, again.headers.get("idempotent-replay")]).toEqual([202, "true"]);
  expect(commands("agent", agent)).toHaveLength(1);
});

test("a record whose answer died with its process is not made again: nobody knows whether it was", async () => {
  await dieWith("/api/companies", { name: "South" }, "key-1");
  expect(await post("/api/companies", { name: "South" }, "key-1")).toMatchObject({
    status: 409,
    body: { error: { code: "in_progress" } },
  });
});

test("while a command is under way its repeat waits", async () => {
  rooms.silent = true;
  const path = `/api/companies/${company}/agents/${agent}/pause`;
  const first = post(path, {}, "key-1");
  await expect.poll(() => rooms.frames.length).toBeGreaterThan(0);
  expect(await post(path, {}, "key-1")).toMatchObject({ status: 409, body: { error: { code: "in_progress" } } });
  rooms.speak();
  expect(await first).toMatchObject({ status: 200 });
});

test("a person who was taken out gets no kept answer", async () => {
  const cai = await ana.invite("Cai", company, "admin");
  const invite = () => post(`/api/companies/${company}/invites`, { role: "viewer" }, "key-1", cai);
  expect((await invite()).status).toBe(201);
  await ana.call("DELETE", `/api/companies/${company}/members/${cai.id}`);
  expect((await invite()).status).toBe(404);
});

test("on a full disk people stop and deny, with a key too, and nothing new begins", async () => {
  free = 0;
  await app.services.disk.check();
  const base = `/api/companies/${company}`;
  const deny = { decision: "deny", version: 1, digest: "0".repeat(64) };
  expect(await post(`${base}/agents/${agent}/pause`, {}, "key-1")).toMatchObject({ status: 200 });
  expect(await post(`${base}/stop-everything`, undefined, "key-2")).toMatchObject({ status: 202 });
  expect(await post(`${base}/approvals/ap_a/decisions`, deny, "key-3")).toMatchObject({ status: 200 });
  expect(await post(`${base}/agents/${agent}/wake`, { prompt: "x" }, "key-4")).toMatchObject({ status: 507 });
  expect(await post("/api/companies", { name: "South" }, "key-5")).toMatchObject({ status: 507 });
  expect(commands("agent", agent)).toHaveLength(1);
});

test("on a full disk an answer that was kept before is given again", async () => {
  const path = `/api/companies/${company}/agents/${agent}/pause`;
  const first = await post(path, {}, "key-1");
  free = 0;
  await app.services.disk.check();
  const again = await post(path, {}, "key-1");
  expect([again.text, again.headers.get("idempotent-replay")]).toEqual([first.text, "true"]);
});

test("every route that ends or holds work is open on a full disk", () => {
  const open = declaredRoutes(app.app).filter(({ policy }) => policy?.repeat === "safe" && policy.whenFull === "allow");
  const ends = open.map(({ path }) => path.split("/").at(-1));
  // Taking a pattern or a decision back holds work as well.
  const holds = ["cancel", "decisions", "interrupt", "pause", "stop", "stop-everything", ":patternId", "withdrawals"];
  expect(ends.sort()).toEqual(holds.sort());
});
