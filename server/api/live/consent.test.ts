import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { argumentsDigest, canonicalJson } from "../../../party/protocol/digest.ts";
import { newId } from "../../../party/protocol/ids.ts";
import { roomPath } from "../../../party/protocol/internal.ts";
import { signRequest } from "../../../party/protocol/sign.ts";
import { TEST_SECRETS, type TestPerson, text } from "../test-app.ts";
import { itemsOf, makeCompany, TestStack } from "./test-stack.ts";

const CWD = "/workspace";
const HOUR_MS = 3_600_000;
const npm = { command: { kind: "words", words: ["npm"] } };

describe("consent over real rooms", () => {
  let stack: TestStack;
  let ana: TestPerson;
  let bo: TestPerson;
  let vera: TestPerson;
  let company: string;
  let agent: string;
  let path: string;
  let deliveries = 0;

  beforeAll(async () => {
    stack = await TestStack.open();
    ({ ana, company, agent, path } = await makeCompany(stack));
    bo = await ana.invite("Bo", company, "operator");
    vera = await ana.invite("Vera", company, "viewer");
    // The room has its people when it lets one of them look at it.
    await stack.watch(vera, "company", company);
  });
  afterAll(() => stack.close());

  /** What the agent's room sends to the company's when a call wants consent. */
  async function ask(command: string, more: object = {}): Promise<{ id: string; decision: object }> {
    const id = newId("ap");
    const input = canonicalJson({ command });
    const digest = argumentsDigest("shell", input, CWD);
    const call = { approval: id, agent, agentName: "Guide", run: "run_1", runTitle: "Tidy", call: newId("call"), tool: "shell" };
    const how = { input, digest, risk: "write", question: "Run this command?", cwd: CWD, cause: null, need: 1 };
    const expiresAt = new Date(Date.now() + HOUR_MS).toISOString();
    deliveries += 1;
    const message = { kind: "approval.ask", ask: { ...call, ...how, expiresAt, ...more } };
    const body = JSON.stringify({
      from: { party: "agent", room: agent, epoch: "test" },
      messages: [{ n: deliveries, message }],
    });
    const where = `${roomPath("company", company)}/internal/deliver`;
    const headers = {
      "content-type": "application/json",
      ...signRequest(TEST_SECRETS.ATRIUM_ROOMS_SECRET, "POST", where, body, Date.now()),
    };
    const answer = await fetch(stack.app.services.settings.roomsUrl + where, { method: "POST", body, headers });
    expect(answer.status).toBe(200);
    return { id, decision: { decision: "allow", version: 1, digest } };
  }

  const see = async (id: string) => (await ana.call("GET", `${path}/approvals/${id}`)).body;
  const decide = (who: TestPerson, { id, decision }: { id: string; decision: object }, more: object = {}) =>
    who.call("POST", `${path}/approvals/${id}/decisions`, { body: { ...decision, ...more } });
  const archived = (id: string, state: string) =>
    vi.waitUntil(async () => {
      const sql = "SELECT 1 FROM approvals WHERE id = ? AND state = ?";
      return (await stack.app.services.read.execute({ sql, args: [id, state] })).rows.length === 1;
    });

  it("shows what a pattern would have covered before it is given, and counts no other agent, tool or command", async () => {
    const build = await ask("npm run build");
    const list = await ask("ls -la");
    const piped = await ask("npm test | tail");
    for (const asked of [build, list, piped])
      expect(await decide(ana, asked)).toMatchObject({ status: 200, body: { state: "allowed" } });
    await archived(piped.id, "allowed");
    const open = await ask("npm test");
    await archived(open.id, "pending");
    const coverage = (pattern: object, who = bo) =>
      who.call("POST", `${path}/approvals/${open.id}/coverage`, { body: { pattern } });
    expect(await coverage(npm)).toMatchObject({
      status: 200,
      body: {
        asked: 3,
        covered: 1,
        more: false,
        items: [{ id: build.id, call: "npm run build", runTitle: "Tidy", state: "allowed" }],
      },
    });
    expect((await coverage(npm)).body).not.toHaveProperty("why");
    const ls = { command: { kind: "words", words: ["ls"] } };
    expect(await coverage(ls)).toMatchObject({ body: { covered: 1, why: "That pattern does not cover this call." } });
    for (const pattern of [{ command: "npm *" }, { command: { kind: "words", words: [] } }, [], "npm *"])
      expect(await coverage(pattern as object)).toMatchObject({ status: 400, body: { error: { code: "invalid" } } });
    expect(await see(open.id)).toMatchObject({ state: "pending" });
    await decide(ana, open, { decision: "deny" });
  });

  it("remembers a pattern, uses it in the open, lists it with its uses, and asks again when it is revoked", async () => {
    const first = await ask("npm test");
    expect(await decide(bo, first, { remember: { pattern: npm, days: 7 } })).toMatchObject({
      status: 200,
      body: { state: "allowed" },
    });
    const second = await ask("npm ci", { run: "run_2" });
    expect(await see(second.id)).toMatchObject({
      state: "allowed",
      votes: [{ by: { name: "Bo" }, note: expect.stringContaining("npm *") }],
    });
    const [listed] = itemsOf((await vera.call("GET", `${path}/patterns`)).body);
    expect(listed).toMatchObject({
      words: "npm *",
      tool: "shell",
      agentName: "Guide",
      by: { name: "Bo" },
      uses: 1,
      scope: { kind: "days" },
    });
    const pattern = text(listed, "id");
    expect((await vera.call("DELETE", `${path}/patterns/${pattern}`)).status).toBe(403);
    expect((await ana.call("DELETE", `${path}/patterns/${pattern}`)).status).toBe(200);
    expect((await ana.call("DELETE", `${path}/patterns/${pattern}`)).status).toBe(404);
    expect(itemsOf((await ana.call("GET", `${path}/patterns`)).body)).toEqual([]);
    const third = await ask("npm ci", { run: "run_3" });
    expect(await see(third.id)).toMatchObject({ state: "pending" });
    await archived(third.id, "pending");
    const log = JSON.stringify((await ana.call("GET", `${path}/activity?limit=200`)).body);
    for (const action of ["pattern.remembered", "pattern.used", "pattern.ended"]) expect(log).toContain(`"${action}"`);
    await decide(ana, third, { decision: "deny" });
  });

  it("refuses a pattern that would say less than it does, and leaves the ask as it was", async () => {
    const wrapped = await ask("env npm test");
    const env = { command: { kind: "words", words: ["env"] } };
    expect(await decide(bo, wrapped, { remember: { pattern: env, scope: "run" } })).toMatchObject({
      status: 400,
      body: { error: { code: "invalid", message: expect.stringContaining("env can run any other command") } },
    });
    for (const remember of [{ pattern: npm, days: 91 }, { pattern: npm, days: 0 }, { pattern: npm }, "forever"])
      expect((await decide(bo, wrapped, { remember })).status).toBe(400);
    expect(await see(wrapped.id)).toMatchObject({ state: "pending", votes: [] });
    await decide(bo, wrapped, { decision: "deny" });
  });

  it("holds a decision for its grace, in which only its maker takes it back", async () => {
    const asked = await ask("echo hello");
    const held = await decide(bo, asked, { graceMs: 10_000 });
    expect(held).toMatchObject({ status: 200, body: { state: "pending", heldUntil: expect.any(String) } });
    expect(await see(asked.id)).toMatchObject({ state: "pending", held: { by: { name: "Bo" }, decision: "allow" } });
    const withdraw = (who: TestPerson) => who.call("POST", `${path}/approvals/${asked.id}/withdrawals`);
    expect((await withdraw(ana)).status).toBe(403);
    expect((await withdraw(bo)).status).toBe(200);
    expect(await see(asked.id)).not.toHaveProperty("held");
    expect((await withdraw(bo)).status).toBe(409);
    await decide(bo, asked, { decision: "deny", graceMs: 1 });
    await vi.waitUntil(async () => text(await see(asked.id), "state") === "denied");
    expect((await withdraw(bo)).status).toBe(409);
  });

  it("lets each person put off what needs them, for themselves alone", async () => {
    const asked = await ask("echo later");
    const later = async (who: TestPerson) => itemsOf((await who.call("GET", `${path}/needs/later`)).body);
    const put = (who: TestPerson, need: string, until: string | null) =>
      who.call("PUT", `${path}/needs/${need}/later`, { body: { until } });
    const tomorrow = new Date(Date.now() + 24 * HOUR_MS).toISOString();
    expect((await put(bo, asked.id, tomorrow)).status).toBe(204);
    expect(await later(bo)).toEqual([{ need: asked.id, until: tomorrow }]);
    expect(await later(ana)).toEqual([]);
    expect((await put(bo, agent, tomorrow)).status).toBe(204);
    for (const until of ["2020-01-01T00:00:00.000Z", "2999-01-01T00:00:00.000Z", "tomorrow"])
      expect((await put(bo, asked.id, until)).status).toBe(400);
    expect((await put(bo, newId("ap"), tomorrow)).status).toBe(404);
    expect((await put(bo, asked.id, null)).status).toBe(204);
    expect(await later(bo)).toEqual([{ need: agent, until: tomorrow }]);
    await decide(ana, asked, { decision: "deny" });
  });

  it("keeps patterns of other companies out of sight", async () => {
    const elsewhere = await ana.makeCompany("South");
    const sam = await ana.invite("Sam", elsewhere, "owner");
    const asked = await ask("npm test");
    expect((await sam.call("GET", `${path}/patterns`)).status).toBe(404);
    const foreign = `/api/companies/${elsewhere}/approvals/${asked.id}/coverage`;
    expect((await sam.call("POST", foreign, { body: { pattern: npm } })).status).toBe(404);
  });
});
