import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startFakeAnthropic } from "../../e2e/fakes/models/anthropic.ts";
import { startFakeOpenAI } from "../../e2e/fakes/models/openai.ts";
import type { FakeModelServer } from "../../e2e/fakes/models/server.ts";
import { TestApp, type TestPerson, text } from "./test-app.ts";

const KEY = "sk-ant-api03-the-right-key-7QwX";
const WRONG = "sk-ant-api03-a-wrong-key-0ZzZ";

let app: TestApp;
let ana: TestPerson;
let company: string;
let base: string;
let fake: FakeModelServer;

beforeEach(async () => {
  fake = await startFakeAnthropic({ key: KEY, revoked: ["sk-ant-revoked-key-1234"] });
  app = await TestApp.open();
  ana = await app.person("Ana");
  company = await ana.makeCompany("North");
  base = `/api/companies/${company}`;
});
afterEach(async () => {
  await app.close();
  await fake.close();
});

const add = (body: Record<string, unknown>) => ana.call("POST", `${base}/providers`, { body });
const addFake = (key = KEY) => add({ kind: "anthropic", baseUrl: fake.url, key });
const check = (id: string) => ana.call("POST", `${base}/providers/${id}/test`);
const models = async () => (await ana.call("GET", `${base}/models`)).body;

async function tested(): Promise<string> {
  const id = text((await addFake()).body, "id");
  await check(id);
  return id;
}

async function guide() {
  const { body } = await ana.call("GET", `${base}/agents`);
  const items = Object(body).items;
  return { id: text(items[0], "id"), path: `${base}/agents/${text(items[0], "id")}` };
}

describe("a key", () => {
  test("is sealed, shown by its end only, and in no answer, record or entry", async () => {
    const added = await addFake(`  "${KEY}"\n`);
    expect(added).toMatchObject({ status: 201, body: { status: "untested", hasKey: true, keyHint: "7QwX", kind: "anthropic" } });
    const id = text(added.body, "id");
    const check1 = await check(id);
    expect(check1).toMatchObject({ status: 200, body: { ok: true, provider: { status: "ok" } } });
    expect(Object(check1.body).models).toContain("claude-sonnet-5");
    expect(fake.requests.at(-1)?.headers.authorization).toBe(`Bearer ${KEY}`);
    const answers = [added, check1, await ana.call("GET", `${base}/providers`), await ana.call("GET", `${base}/models`)];
    const { rows } = await app.services.read.execute("SELECT * FROM providers");
    const entries = await app.services.read.execute("SELECT * FROM activity");
    const outbox = await app.services.read.execute("SELECT * FROM outbox");
    const kept = JSON.stringify([answers, rows, entries.rows, outbox.rows]);
    expect(kept).not.toContain(KEY);
    expect(kept).not.toContain(KEY.slice(0, -4));
  });

  test("that is wrong or revoked is told in a sentence without it", async () => {
    for (const [key, status] of [
      [WRONG, "wrong_key"],
      ["sk-ant-revoked-key-1234", "revoked"],
    ] as const) {
      const reply = await check(text((await addFake(key)).body, "id"));
      expect(reply).toMatchObject({ status: 200, body: { ok: false, models: [], provider: { status } } });
      expect(reply.text).not.toContain(key);
      expect(await models()).toMatchObject({ ready: false, defaultModel: "rehearsal" });
    }
  });

  test("that is hidden by dots, or missing where one is needed, is refused at its field", async () => {
    expect(await add({ kind: "anthropic", key: "sk-ant-••••••••" })).toMatchObject({
      status: 400,
      body: { error: { details: { field: "key" } } },
    });
    expect(await add({ kind: "gemini", key: "  " })).toMatchObject({
      status: 400,
      body: { error: { details: { field: "key" } } },
    });
  });

  test("is replaced without being read, and does not follow the address to another one", async () => {
    const id = text((await addFake(WRONG)).body, "id");
    await check(id);
    const patch = (body: Record<string, unknown>) => ana.call("PATCH", `${base}/providers/${id}`, { body });
    expect(await patch({ version: 1, baseUrl: "http://127.0.0.1:9" })).toMatchObject({ status: 400 });
    expect(await patch({ version: 1, key: KEY })).toMatchObject({ status: 200, body: { status: "untested", version: 2 } });
    expect(await patch({ version: 1, key: WRONG })).toMatchObject({ status: 409, body: { error: { code: "stale" } } });
    expect(await check(id)).toMatchObject({ body: { ok: true } });
  });

  test("sealed by another machine asks to be pasted again", async () => {
    const id = await tested();
    await app.services.write(() => [{ sql: "UPDATE providers SET key = 'v1.AAAA' WHERE id = ?", args: [id] }]);
    expect(await check(id)).toMatchObject({ body: { ok: false, provider: { status: "sealed" } } });
  });

  test("has no hint for viewers, who change nothing either", async () => {
    await addFake();
    const vera = await ana.invite("Vera", company, "viewer");
    const { body } = await vera.call("GET", `${base}/providers`);
    expect(body).toMatchObject({ items: [{ keyHint: null, hasKey: true }] });
    const mo = await ana.invite("Mo", company, "member");
    expect((await mo.call("GET", `${base}/providers`)).body).toMatchObject({ items: [{ keyHint: "7QwX" }] });
    expect((await mo.call("POST", `${base}/providers`, { body: { kind: "anthropic", key: KEY } })).status).toBe(403);
  });
});

describe("an address", () => {
  test.each(["ftp://models", "javascript:alert(1)", "http://user:pw@host/v1", "https://host/v1?key=1", "::::", "http://a b"])(
    "%s is refused at its field",
    async (baseUrl) => {
      expect(await add({ kind: "openai", baseUrl })).toMatchObject({
        status: 400,
        body: { error: { details: { field: "baseUrl" } } },
      });
    },
  );

  test("of another protocol, or of nothing, says so", async () => {
    const other = await startFakeOpenAI();
    const wrong = await add({ kind: "gemini", baseUrl: other.url, key: KEY });
    expect(await check(text(wrong.body, "id"))).toMatchObject({ body: { ok: false, provider: { status: "wrong_protocol" } } });
    await other.close();
    expect(await check(text(wrong.body, "id"))).toMatchObject({ body: { ok: false, provider: { status: "unreachable" } } });
  });
});

describe("tiers", () => {
  test("are filled from the first provider, and a new agent gets the balanced one", async () => {
    expect(await models()).toMatchObject({ models: [], ready: false, defaultModel: "rehearsal", version: 0 });
    expect((await ana.call("POST", `${base}/agents`, { body: { name: "Early" } })).body).toMatchObject({ model: "rehearsal" });
    const id = await tested();
    expect(await models()).toMatchObject({
      ready: true,
      defaultModel: "balanced",
      tiers: { fast: [`${id}/claude-haiku-4-5`], balanced: [`${id}/claude-sonnet-5`], strong: [`${id}/claude-opus-4-8`] },
    });
    expect((await ana.call("POST", `${base}/agents`, { body: { name: "Late" } })).body).toMatchObject({ model: "balanced" });
  });

  test("are changed over the version seen, with models that are there", async () => {
    const id = await tested();
    const put = (tiers: Record<string, unknown>, version: number) =>
      ana.call("PUT", `${base}/models/tiers`, { body: { fast: [], balanced: [], strong: [], ...tiers, version } });
    const balanced = [`${id}/claude-opus-4-8`, `${id}/claude-sonnet-5`, `${id}/claude-opus-4-8`];
    expect(await put({ balanced }, 1)).toMatchObject({
      status: 200,
      body: { version: 2, tiers: { balanced: balanced.slice(0, 2) } },
    });
    expect(await put({ balanced }, 1)).toMatchObject({ status: 409, body: { error: { code: "stale" } } });
    for (const one of [`${id}/claude-nine`, "prv_other/claude-sonnet-5", "strong", "rehearsal"]) {
      expect(await put({ strong: [one] }, 2)).toMatchObject({ status: 400, body: { error: { details: { field: "strong" } } } });
    }
  });
});

describe("an agent's model", () => {
  test.each(["gpt-9", "prv_none/claude-sonnet-5", "Balanced", "constructor"])(
    "%s is unknown, and the field is named",
    async (model) => {
      await tested();
      const { path } = await guide();
      const reply = await ana.call("PATCH", path, { body: { version: 1, model } });
      expect(reply).toMatchObject({ status: 400, body: { error: { details: { field: "model" } } } });
      expect(await ana.call("POST", `${base}/agents`, { body: { name: "X", model } })).toMatchObject({ status: 400 });
    },
  );

  test("is one that a provider showed", async () => {
    const id = await tested();
    const { path } = await guide();
    expect(await ana.call("PATCH", path, { body: { version: 1, model: `${id}/claude-sonnet-5` } })).toMatchObject({
      status: 200,
    });
    expect(await ana.call("PATCH", path, { body: { version: 2, model: `${id}/claude-nine` } })).toMatchObject({ status: 400 });
  });
});

describe("removing a provider", () => {
  test("says who used it and what answers for them now", async () => {
    const id = await tested();
    const { id: agent, path } = await guide();
    await ana.call("PATCH", path, { body: { version: 1, model: `${id}/claude-sonnet-5` } });
    expect((await ana.call("GET", `${base}/providers`)).body).toMatchObject({
      items: [{ usedBy: [{ id: agent, name: "Guide" }] }],
    });
    expect(await ana.call("DELETE", `${base}/providers/${id}`)).toMatchObject({
      status: 200,
      body: { agents: [{ id: agent, name: "Guide", answeredBy: "the rehearsal model" }] },
    });
    expect((await ana.call("GET", path)).body).toMatchObject({ model: "balanced", version: 3 });
    expect(await models()).toMatchObject({ models: [], ready: false, tiers: { fast: [], balanced: [], strong: [] } });
    expect((await ana.call("DELETE", `${base}/providers/${id}`)).status).toBe(404);
  });

  test("lets the tiers go on with the next of their models, or with another provider's", async () => {
    const first = await tested();
    const second = await tested();
    const { path } = await guide();
    await ana.call("PATCH", path, { body: { version: 1, model: "strong" } });
    expect(await ana.call("DELETE", `${base}/providers/${first}`)).toMatchObject({
      body: { agents: [{ name: "Guide", answeredBy: "claude-opus-4-8" }] },
    });
    expect(await models()).toMatchObject({ tiers: { strong: [`${second}/claude-opus-4-8`] } });
  });
});
