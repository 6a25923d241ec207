import { afterEach, beforeEach, expect, test } from "vitest";
import { startFakeAnthropic } from "../../../../e2e/fakes/models/anthropic.ts";
import { startFakeOpenAI } from "../../../../e2e/fakes/models/openai.ts";
import type { FakeModelServer } from "../../../../e2e/fakes/models/server.ts";
import type { RunTokenClaims } from "../../../../party/protocol/internal.ts";
import { signRequest, signToken } from "../../../../party/protocol/sign.ts";
import { type Reply, TEST_SECRETS, TestApp, type TestPerson, text } from "../../test-app.ts";
import { raiseFence } from "../runners/leases.ts";

const SECRET = TEST_SECRETS.ATRIUM_ROOMS_SECRET;
const PATH = "/internal/models/access";
const KEY = "sk-ant-api03-the-right-key-7QwX";

let app: TestApp;
let ana: TestPerson;
let base: string;
let claims: RunTokenClaims;
let fake: FakeModelServer;

beforeEach(async () => {
  fake = await startFakeAnthropic({ key: KEY });
  app = await TestApp.open();
  ana = await app.person("Ana");
  const company = await ana.makeCompany("North");
  base = `/api/companies/${company}`;
  const agents = await ana.call("GET", `${base}/agents`);
  const run = { run: "run_a", agent: text(Object(agents.body).items[0], "id"), company, generation: 1, fence: 1 };
  await raiseFence(app.services.write, run, "rn_1");
  claims = { ...run, runner: "rn_1", expiresAt: Date.now() + 60_000 };
});
afterEach(async () => {
  await app.close();
  await fake.close();
});

async function ask(token = signToken(SECRET, "run", claims), run = claims.run, secret: string = SECRET): Promise<Reply> {
  const body = JSON.stringify({ run, token });
  const headers = { "content-type": "application/json", ...signRequest(secret, "POST", PATH, body, Date.now()) };
  const response = await app.internal.request(`http://127.0.0.1${PATH}`, { method: "POST", headers, body });
  const answered = await response.text();
  return { status: response.status, headers: response.headers, text: answered, body: JSON.parse(answered) };
}

async function addProvider(body: Record<string, unknown>): Promise<string> {
  const id = text((await ana.call("POST", `${base}/providers`, { body })).body, "id");
  await ana.call("POST", `${base}/providers/${id}/test`);
  return id;
}

const addAnthropic = () => addProvider({ kind: "anthropic", name: "House", baseUrl: fake.url, key: KEY });

async function choose(model: string): Promise<void> {
  const agent = (await ana.call("GET", `${base}/agents/${claims.agent}`)).body;
  const reply = await ana.call("PATCH", `${base}/agents/${claims.agent}`, { body: { version: Object(agent).version, model } });
  if (reply.status !== 200) throw new Error(reply.text);
}

test("without a provider a run rehearses", async () => {
  await choose("strong");
  expect(await ask()).toMatchObject({ status: 200, body: { candidates: [{ provider: "rehearsal", model: "rehearsal" }] } });
});

test("an agent that chose the rehearsal keeps it", async () => {
  await addAnthropic();
  expect(await ask()).toMatchObject({ body: { candidates: [{ provider: "rehearsal" }] } });
});

test("a tier lends its models in order, with key, address, price and context", async () => {
  const first = await addAnthropic();
  const local = await startFakeOpenAI({ models: ["house-8b"] });
  const second = await addProvider({ kind: "openai", baseUrl: local.url });
  const balanced = [`${second}/house-8b`, `${first}/claude-haiku-4-5`];
  const put = { fast: [], balanced, strong: [], version: 1 };
  expect((await ana.call("PUT", `${base}/models/tiers`, { body: put })).status).toBe(200);
  await choose("balanced");
  const reply = await ask();
  await local.close();
  expect(reply.headers.get("cache-control")).toBe("no-store");
  const { candidates } = Object(reply.body);
  expect(candidates).toMatchObject([
    { provider: "openai", model: "house-8b", baseUrl: `${local.url}/v1` },
    { provider: "anthropic", model: "claude-haiku-4-5", baseUrl: fake.url, key: KEY, contextTokens: 200_000 },
  ]);
  expect(candidates[0]).not.toHaveProperty("key");
  expect(candidates[0]).not.toHaveProperty("price");
  expect(candidates[1].price).toMatchObject({ input: expect.any(Number), output: expect.any(Number) });
});

test("a model chosen by name is lent alone", async () => {
  const id = await addAnthropic();
  await choose(`${id}/claude-opus-4-8`);
  const { candidates } = Object((await ask()).body);
  expect(candidates).toMatchObject([{ model: "claude-opus-4-8" }]);
  expect(candidates).toHaveLength(1);
});

test("a key this machine cannot open is said, not rehearsed over", async () => {
  const id = await addAnthropic();
  await choose("balanced");
  await app.services.write(() => [{ sql: "UPDATE providers SET key = 'v1.AAAA' WHERE id = ?", args: [id] }]);
  const reply = await ask();
  expect(reply).toMatchObject({ status: 409, body: { error: { code: "key_sealed" } } });
  expect(text(reply.body, "error", "message")).toContain("House");
});

test("nobody else gets a key: not another run, not an older lease, not an expired or unsigned request", async () => {
  await addAnthropic();
  await choose("balanced");
  expect((await ask(undefined, "run_b")).status).toBe(401);
  expect((await ask(signToken("x".repeat(43), "run", claims))).status).toBe(401);
  expect((await ask(signToken(SECRET, "run", { ...claims, expiresAt: 1 }))).status).toBe(401);
  expect((await ask(undefined, undefined, "x".repeat(43))).status).toBe(401);
  await raiseFence(app.services.write, { ...claims, fence: 2 }, "rn_2");
  const stale = await ask();
  expect(stale).toMatchObject({ status: 409, body: { error: { code: "stale_fence" } } });
  expect(stale.text).not.toContain(KEY);
  expect((await app.call("POST", PATH, { body: { run: claims.run, token: "x" } })).status).toBe(404);
});
