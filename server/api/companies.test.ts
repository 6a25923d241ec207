import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { cookieOf, TestApp, type TestPerson, text } from "./test-app.ts";

let app: TestApp;

beforeEach(async () => {
  app = await TestApp.open();
});
afterEach(() => app.close());

const password = "a long password";
const error = (code: string) => ({ error: { code } });
const namedPage = z.object({ items: z.array(z.object({ name: z.string() })), nextCursor: z.string().nullable() });

describe("companies", () => {
  let ana: TestPerson;
  let company: string;

  beforeEach(async () => {
    ana = await app.person("Ana");
    company = await ana.makeCompany("Nordlys AS");
  });

  test("a new company has its owner, Guide, an audit that is whole, and rooms that will hear of it", async () => {
    expect(await ana.call("GET", `/api/companies/${company}`)).toMatchObject({
      body: { name: "Nordlys AS", prefix: "NOR", role: "owner" },
    });
    expect(await ana.call("GET", `/api/companies/${company}/agents`)).toMatchObject({
      body: { items: [{ name: "Guide", runtime: "native", model: "rehearsal" }], nextCursor: null },
    });
    expect((await app.told(company)).map(({ kind }) => kind)).toEqual(["company", "member", "agent", "activity"]);
    expect(await ana.call("GET", `/api/companies/${company}/activity/verify`)).toMatchObject({ body: { ok: true, entries: 1 } });
  });

  test("an invite is for one person, once, and not above the inviter's role", async () => {
    const cai = await ana.invite("Cai", company, "admin");
    expect(await cai.call("POST", `/api/companies/${company}/invites`, { body: { role: "owner" } })).toMatchObject({
      status: 403,
    });
    const made = await cai.call("POST", `/api/companies/${company}/invites`, {
      body: { role: "viewer", email: "dot@example.com" },
    });
    const token = text(made.body, "token");
    expect(text(made.body, "link")).toBe(`http://127.0.0.1:3000/join?invite=${token}`);
    expect(await app.call("GET", `/api/invites/preview?token=${token}`)).toMatchObject({
      body: { kind: "company", company: "Nordlys AS", role: "viewer", invitedBy: "Cai" },
    });
    await expect(app.person("Eve", token)).rejects.toThrow("403");
    const dot = await app.person("Dot", token);
    expect(await dot.call("GET", `/api/companies/${company}`)).toMatchObject({ body: { role: "viewer" } });
    await expect(app.person("Eve", token)).rejects.toThrow("410");
  });

  test("people with an account join by the same link; members do not join twice; those taken out may come back with newer rights", async () => {
    const cai = await ana.invite("Cai", company, "member");
    const token = async () =>
      text((await ana.call("POST", `/api/companies/${company}/invites`, { body: { role: "operator" } })).body, "token");
    expect(await cai.call("POST", "/api/invites/accept", { body: { invite: await token() } })).toMatchObject({
      status: 409,
      body: error("already_member"),
    });
    await ana.call("DELETE", `/api/companies/${company}/members/${cai.id}`);
    expect(await cai.call("GET", `/api/companies/${company}`)).toMatchObject({ status: 404 });
    expect(await cai.call("POST", "/api/invites/accept", { body: { invite: await token() } })).toMatchObject({ status: 200 });
    const rights = (await app.told(company)).flatMap((change) => {
      if (change.kind === "member" && change.member.id === cai.id) return [change.member.rights];
      return change.kind === "member.removed" ? [change.rights] : [];
    });
    expect(rights).toEqual([1, 2, 3]);
  });

  test("roles: nobody manages above their own, and an owner is always left", async () => {
    const cai = await ana.invite("Cai", company, "admin");
    const member = (id: string) => `/api/companies/${company}/members/${id}`;
    expect(await cai.call("PATCH", member(ana.id), { body: { role: "viewer" } })).toMatchObject({ status: 403 });
    expect(await cai.call("PATCH", member(cai.id), { body: { role: "owner" } })).toMatchObject({ status: 403 });
    expect(await cai.call("DELETE", member(ana.id))).toMatchObject({ status: 403 });
    expect(await ana.call("PATCH", member(ana.id), { body: { role: "admin" } })).toMatchObject({
      status: 409,
      body: error("last_owner"),
    });
    expect(await ana.call("DELETE", member(ana.id))).toMatchObject({ status: 409, body: error("last_owner") });
    expect(await ana.call("POST", `/api/companies/${company}/leave`)).toMatchObject({ status: 409 });
    expect(await ana.call("PATCH", member(cai.id), { body: { role: "owner" } })).toMatchObject({ status: 200 });
    const both = await Promise.all([
      ana.call("POST", `/api/companies/${company}/leave`),
      cai.call("POST", `/api/companies/${company}/leave`),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([204, 409]);
  });

  test("an agent is changed over the version that was seen, and the later one is told who was first", async () => {
    const cai = await ana.invite("Cai", company, "admin");
    const made = await ana.call("POST", `/api/companies/${company}/agents`, { body: { name: "Scout" } });
    const path = `/api/companies/${company}/agents/${text(made.body, "id")}`;
    expect(await cai.call("PATCH", path, { body: { version: 1, title: "Looks around" } })).toMatchObject({
      status: 200,
      body: { version: 2 },
    });
    expect(await ana.call("PATCH", path, { body: { version: 1, title: "Other" } })).toMatchObject({
      status: 409,
      body: { error: { code: "stale", details: { version: 2, by: { name: "Cai" } } } },
    });
    expect(await ana.call("DELETE", path)).toMatchObject({ status: 204 });
    expect(await ana.call("PATCH", path, { body: { version: 3, title: "Other" } })).toMatchObject({
      status: 409,
      body: error("retired"),
    });
    expect(await ana.call("GET", `/api/companies/${company}/agents?retired=1`)).toMatchObject({
      body: { items: [{ name: "Guide" }, { name: "Scout", retired: true }] },
    });
    const room = await app.services.read.execute({
      sql: "SELECT payload FROM outbox WHERE party = 'agent' AND room = ?",
      args: [text(made.body, "id")],
    });
    expect(room.rows.map(({ payload }) => JSON.parse(String(payload)).config.retired)).toEqual([false, false, true]);
  });

  test("fields nobody may set are not taken", async () => {
    const path = `/api/companies/${company}/agents`;
    const body = { name: "Scout", company: "co_other", version: 9, createdBy: "u_other", retiredAt: "2020-01-01", id: "ag_x" };
    const made = await ana.call("POST", path, { body });
    expect(made).toMatchObject({ status: 201, body: { company, version: 1, retired: false } });
    expect(text(made.body, "id")).not.toBe("ag_x");
  });

  test("bad input is named by its field", async () => {
    const path = `/api/companies/${company}/agents`;
    for (const [body, field] of [
      [{}, "name"],
      [{ name: "x".repeat(81) }, "name"],
      [{ name: "a\u202eb" }, "name"],
      [{ name: "A", tools: { profile: "everything" } }, "tools.profile"],
      [{ name: "A", maxConcurrentRuns: 0 }, "maxConcurrentRuns"],
    ]) {
      expect(await ana.call("POST", path, { body })).toMatchObject({
        status: 400,
        body: { error: { code: "invalid", details: { field } } },
      });
    }
  });

  test("lists come in pages without gaps or repeats", async () => {
    for (const name of ["A", "B", "C", "D"]) await ana.call("POST", `/api/companies/${company}/agents`, { body: { name } });
    const names: unknown[] = [];
    let cursor: string | undefined = "";
    while (cursor !== undefined) {
      const page = await ana.call("GET", `/api/companies/${company}/agents?limit=2${cursor && `&cursor=${cursor}`}`);
      const body = namedPage.parse(page.body);
      names.push(...body.items.map(({ name }) => name));
      cursor = body.nextCursor ?? undefined;
    }
    expect(names).toEqual(["Guide", "A", "B", "C", "D"]);
  });

  test("a deleted company is gone with everything in it, and its rooms are told last", async () => {
    const agents = await ana.call("GET", `/api/companies/${company}/agents`);
    expect(agents.status).toBe(200);
    expect(await ana.call("DELETE", `/api/companies/${company}`)).toMatchObject({ status: 204 });
    expect(await ana.call("GET", `/api/companies/${company}`)).toMatchObject({ status: 404 });
    for (const table of ["members", "agents", "invites"]) {
      expect((await app.services.read.execute(`SELECT * FROM ${table}`)).rows).toEqual([]);
    }
    expect((await app.told(company)).at(-1)).toEqual({ kind: "purge" });
  });

  test("a person whose role changed between the check and the write is refused", async () => {
    const cai = await ana.invite("Cai", company, "admin");
    const results = await Promise.all([
      ana.call("PATCH", `/api/companies/${company}/members/${cai.id}`, { body: { role: "viewer" } }),
      ...Array.from({ length: 5 }, () => cai.call("POST", `/api/companies/${company}/invites`, { body: { role: "admin" } })),
    ]);
    expect(results[0]?.status).toBe(200);
    const open = await app.services.read.execute({
      sql: "SELECT count(*) AS n FROM invites WHERE accepted_at IS NULL",
      args: [],
    });
    const made = results.slice(1).filter(({ status }) => status === 201).length;
    expect(open.rows[0]?.n).toBe(made);
    expect(results.slice(1).every(({ status }) => status === 201 || status === 403)).toBe(true);
    expect(await cai.call("POST", `/api/companies/${company}/invites`, { body: { role: "viewer" } })).toMatchObject({
      status: 403,
    });
  });

  test("with a full disk new work is refused, looking and leaving go on, and it recovers by itself", async () => {
    let free = 1_000 * 1024 * 1024;
    const small = await TestApp.open({ freeSpace: async () => free });
    const bo = await small.person("Bo");
    const its = await bo.makeCompany("Nordlys");
    free = 0;
    await small.services.disk.check();
    expect(await bo.call("POST", "/api/companies", { body: { name: "B" } })).toMatchObject({
      status: 507,
      body: error("storage_full"),
    });
    expect(await bo.call("GET", `/api/companies/${its}`)).toMatchObject({ status: 200 });
    expect(await small.call("GET", "/readyz")).toMatchObject({ status: 503, body: { checks: { disk: { ok: false } } } });
    expect(await bo.call("POST", "/api/auth/sign-out")).toMatchObject({ status: 204 });
    free = 1_000 * 1024 * 1024;
    await small.services.disk.check();
    const back = await small.call("POST", "/api/auth/sign-in", { body: { email: bo.email, password } });
    const headers = { cookie: cookieOf(back) };
    expect(await small.call("POST", "/api/companies", { body: { name: "B" }, headers })).toMatchObject({ status: 201 });
    await small.close();
  });
});
