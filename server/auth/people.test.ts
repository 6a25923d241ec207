import { afterEach, beforeEach, expect, test } from "vitest";
import { TestApp, type TestPerson, text } from "../api/test-app.ts";

const PASSWORD = "a long password";

let app: TestApp;
let ana: TestPerson;
let bo: TestPerson;
let company: string;

beforeEach(async () => {
  app = await TestApp.open();
  ana = await app.person("Ana");
  company = await ana.makeCompany("Norden");
  bo = await ana.invite("Bo", company, "operator");
});
afterEach(() => app.close());

const change = (by: TestPerson, whom: TestPerson, body: object) => by.call("PATCH", `/api/instance/people/${whom.id}`, { body });
const signIn = (who: TestPerson, password = PASSWORD) =>
  app.call("POST", "/api/auth/sign-in", { body: { email: who.email, password } });

test("a person who is switched off is out at once: sessions, API keys, sockets; and reads why when they come back", async () => {
  const made = await bo.call("POST", "/api/me/api-keys", { body: { name: "script" } });
  const headers = { "x-api-key": text(made.body, "key") };
  expect(await change(ana, bo, { disabled: true })).toMatchObject({ status: 200, body: { disabledAt: expect.any(String) } });
  expect(await bo.call("GET", "/api/me")).toMatchObject({ status: 401 });
  expect(await app.call("GET", "/api/me", { headers })).toMatchObject({ status: 401 });
  const told = (await app.told(company)).filter(({ kind }) => kind === "session.revoked");
  expect(told).toHaveLength(2);
  expect(told).toContainEqual({ kind: "session.revoked", session: `key:${text(made.body, "id")}` });

  expect(await signIn(bo)).toMatchObject({ status: 403, body: { error: { code: "disabled" } } });
  expect(await signIn(bo, "a wrong password"), "only to who knows the password").toMatchObject({ status: 401 });

  expect(await change(ana, bo, { disabled: false })).toMatchObject({ status: 200, body: { disabledAt: null } });
  expect(await signIn(bo)).toMatchObject({ status: 200 });
  expect(await app.call("GET", "/api/me", { headers })).toMatchObject({ status: 200 });
});

test("rooms hear that the person is nobody, above any ticket on its way, and hear of them again", async () => {
  await change(ana, bo, { disabled: true });
  expect((await app.told(company)).at(-1)).toMatchObject({ kind: "member.removed", id: bo.id, rights: 2 });
  expect(await ana.call("GET", `/api/companies/${company}/members`), "the record stays").toMatchObject({
    body: { items: [{ name: "Ana" }, { name: "Bo", role: "operator" }] },
  });
  await change(ana, bo, { disabled: false });
  expect((await app.told(company)).at(-1)).toMatchObject({
    kind: "member",
    member: { id: bo.id, role: "operator", rights: 3 },
  });
});

test("nobody switches themselves off, and the last owner stays, also when two owners unmake each other", async () => {
  expect(await change(ana, ana, { disabled: true })).toMatchObject({ status: 409, body: { error: { code: "not_yourself" } } });
  expect(await change(ana, ana, { instanceOwner: false })).toMatchObject({
    status: 409,
    body: { error: { code: "last_instance_owner" } },
  });
  expect(await change(ana, bo, { instanceOwner: true })).toMatchObject({ body: { instanceOwner: true } });
  const both = await Promise.all([change(ana, bo, { instanceOwner: false }), change(bo, ana, { instanceOwner: false })]);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 403]);
});

test("an owner of the instance who is switched off is no owner that counts", async () => {
  await change(ana, bo, { instanceOwner: true });
  await change(ana, bo, { disabled: true });
  expect(await change(ana, ana, { instanceOwner: false })).toMatchObject({ status: 409 });
});

test("owning the installation opens no company", async () => {
  const other = await bo.makeCompany("Of Bo");
  const { body } = await ana.call("GET", "/api/instance/companies");
  expect(body).toMatchObject({
    items: [
      { name: "Norden", members: 2, owners: 1, agents: 1, role: "owner" },
      { name: "Of Bo", members: 1, owners: 1, agents: 1, role: null },
    ],
  });
  expect(await ana.call("GET", `/api/companies/${other}`)).toMatchObject({ status: 404 });
});

test("people are found by a part of name or address, and shown with the ways they have in", async () => {
  const { body } = await ana.call("GET", "/api/instance/people?q=BO%40ex");
  expect(body).toMatchObject({
    items: [{ name: "Bo", companies: 1, password: true, passkeys: 0, linked: [], instanceOwner: false, disabledAt: null }],
  });
  expect(await ana.call("GET", "/api/instance/people?q=%25")).toMatchObject({ body: { items: [] } });
});

test("an owner hands out a link for a new password, and it is shown once", async () => {
  const made = await ana.call("POST", `/api/instance/people/${bo.id}/reset-password`, { headers: { "idempotency-key": "k" } });
  const token = text(made.body, "link").split("#")[1];
  expect(await bo.call("GET", "/api/me")).toMatchObject({ status: 401 });
  expect(await app.call("POST", "/api/auth/reset", { body: { token, password: PASSWORD } })).toMatchObject({ status: 200 });
  const { rows } = await app.services.read.execute("SELECT * FROM idempotency");
  expect(JSON.stringify(rows)).not.toContain(token);
});
