import { afterEach, beforeEach, expect, it } from "vitest";
import { type RunTokenClaims, roomPath } from "../../../../party/protocol/internal.ts";
import { signRequest, signToken } from "../../../../party/protocol/sign.ts";
import { type FakeRooms, startFakeRooms } from "../../../rooms/client/fake-rooms.ts";
import { type Reply, TEST_SECRETS, TestApp } from "../../test-app.ts";
import { raiseFence } from "../runners/leases.ts";

const SECRET = TEST_SECRETS.ATRIUM_ROOMS_SECRET;

let rooms: FakeRooms;
let app: TestApp;
let claims: RunTokenClaims;

beforeEach(async () => {
  rooms = await startFakeRooms(SECRET);
  app = await TestApp.open({ env: { ATRIUM_ROOMS_URL: rooms.url } });
  const company = await (await app.person("Ana")).makeCompany("North");
  const run = { run: "run_a", agent: "ag_a", company, generation: 1, fence: 1 };
  await raiseFence(app.services.write, run, "rn_1");
  claims = { ...run, runner: "rn_1", expiresAt: Date.now() + 60_000 };
});
afterEach(async () => {
  await app.close();
  await rooms.close();
});

async function claim(): Promise<Reply> {
  const response = await app.internal.request(`http://127.0.0.1/internal/runs/${claims.run}/execute`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${signToken(SECRET, "run", claims)}` },
    body: JSON.stringify({ approval: "ap_1", digest: "0".repeat(64) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) };
}

it("tells rooms of a dead runner twice: the answer that named it may come in between", async () => {
  const path = roomPath("agent", claims.agent);
  const gone = () => (rooms.heard.get(path) ?? []).filter(({ body }) => body.op === "runner.gone");
  const body = JSON.stringify({ runner: claims.runner });
  const target = "/internal/runners/gone";
  const headers = { "content-type": "application/json", ...signRequest(SECRET, "POST", target, body, Date.now()) };
  const told = await app.internal.request(`http://127.0.0.1${target}`, { method: "POST", headers, body });
  expect(await told.json()).toEqual({ rooms: 1 });
  await expect.poll(() => gone().length).toBe(1);
  await expect.poll(() => gone().length, { timeout: 5_000 }).toBe(2);
});

it("grants what the room granted, and nothing else", async () => {
  rooms.result = () => ({ granted: true });
  expect(await claim()).toMatchObject({ status: 200, body: { granted: true } });
  rooms.heard.clear();
  rooms.result = () => ({ granted: false, code: "revoked" });
  expect(await claim()).toMatchObject({ status: 200, body: { granted: false, code: "revoked" } });
});

it("takes an answer without a verdict for none: the runner asks again", async () => {
  expect(await claim()).toMatchObject({ status: 503, body: { error: { code: "no_verdict" } } });
  rooms.heard.clear();
  rooms.result = () => ({ state: "executing" });
  expect((await claim()).status).toBe(503);
});
