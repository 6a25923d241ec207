import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readToken } from "../../party/protocol/sign.ts";
import { ticketClaims } from "../../party/protocol/tickets.ts";
import { cookieOf, TEST_SECRETS, TestApp, text } from "./test-app.ts";

let app: TestApp;

beforeEach(async () => {
  app = await TestApp.open();
});
afterEach(() => app.close());

const password = "a long password";
const error = (code: string) => ({ error: { code } });

describe("accounts", () => {
  test("the first person needs the token of the terminal, becomes the owner, and the token is spent", async () => {
    const body = { email: "Ana@Example.com ", password, name: "Ana" };
    expect(await app.call("POST", "/api/auth/sign-up", { body })).toMatchObject({ status: 403 });
    const guessed = { ...body, invite: "x".repeat(43) };
    expect(await app.call("POST", "/api/auth/sign-up", { body: guessed })).toMatchObject({ status: 404 });
    expect(await app.call("GET", `/api/invites/preview?token=${app.ownerToken}`)).toMatchObject({ body: { kind: "owner" } });
    const made = await app.call("POST", "/api/auth/sign-up", { body: { ...body, invite: app.ownerToken } });
    expect(made).toMatchObject({ status: 201, body: { user: { email: "ana@example.com", instanceOwner: true } } });
    expect(made.headers.get("set-cookie")).toMatch(/^atrium_session=.+; .*HttpOnly; SameSite=Lax$/);
    const again = { ...body, email: "eve@example.com", invite: app.ownerToken };
    expect(await app.call("POST", "/api/auth/sign-up", { body: again })).toMatchObject({ status: 404 });
    expect(await app.call("GET", `/api/invites/preview?token=${app.ownerToken}`)).toMatchObject({ status: 404 });
  });

  test("two people race for the first owner and one wins", async () => {
    const race = ["ana", "eve"].map((name) =>
      app.call("POST", "/api/auth/sign-up", {
        body: { email: `${name}@example.com`, password, name, invite: app.ownerToken },
      }),
    );
    expect((await Promise.all(race)).map(({ status }) => status).sort()).toEqual([201, 409]);
  });

  test("sign-up is open only when the instance says so", async () => {
    const open = await TestApp.open({ env: { ATRIUM_OPEN_SIGNUP: "1" } });
    const body = { email: "bo@example.com", password, name: "Bo" };
    expect(await open.call("POST", "/api/auth/sign-up", { body })).toMatchObject({ status: 403 });
    await open.person("Ana");
    expect(await open.call("POST", "/api/auth/sign-up", { body })).toMatchObject({
      status: 201,
      body: { user: { instanceOwner: false } },
    });
    await open.close();
  });

  test("signing in and out", async () => {
    const ana = await app.person("Ana");
    const wrong = await app.call("POST", "/api/auth/sign-in", { body: { email: ana.email, password: "something else" } });
    const nobody = await app.call("POST", "/api/auth/sign-in", { body: { email: "no@example.com", password } });
    expect(wrong).toMatchObject({ status: 401, body: error("wrong_credentials") });
    expect(withoutId(nobody.body)).toEqual(withoutId(wrong.body));
    const signedIn = await app.call("POST", "/api/auth/sign-in", { body: { email: ana.email, password } });
    const headers = { cookie: cookieOf(signedIn) };
    expect(await app.call("GET", "/api/me", { headers })).toMatchObject({ status: 200, body: { user: { id: ana.id } } });
    expect(await app.call("POST", "/api/auth/sign-out", { headers })).toMatchObject({ status: 204 });
    expect(await app.call("GET", "/api/me", { headers })).toMatchObject({ status: 401 });
    expect(await ana.call("GET", "/api/me")).toMatchObject({ status: 200 });
  });

  test("ten failures lock the account for a quarter of an hour, also for the right password, from anywhere", async () => {
    let now = Date.now();
    const clocked = await TestApp.open({ clock: { now: () => now } });
    const ana = await clocked.person("Ana");
    const signIn = (given: string, address: string) =>
      clocked.call("POST", "/api/auth/sign-in", { body: { email: ana.email, password: given }, address });
    const burst = await Promise.all(Array.from({ length: 30 }, (_, i) => signIn("wrong password", `203.0.113.${i}`)));
    expect(burst.filter(({ status }) => status === 401)).toHaveLength(10);
    expect(burst.filter(({ status }) => status === 429)).toHaveLength(20);
    expect(await signIn(password, "198.51.100.1")).toMatchObject({ status: 429, body: error("too_many_attempts") });
    now += 15 * 60_000 + 1;
    expect(await signIn(password, "198.51.100.1")).toMatchObject({ status: 200 });
    await clocked.close();
  });

  test("ten failures lock an address too, and one IPv6 customer is one address", async () => {
    const ana = await app.person("Ana");
    for (let i = 0; i < 10; i++) {
      const body = { email: `guess${i}@example.com`, password };
      await app.call("POST", "/api/auth/sign-in", { body, address: `2001:db8:1:2::${i}` });
    }
    const body = { email: ana.email, password };
    expect(await app.call("POST", "/api/auth/sign-in", { body, address: "2001:db8:1:2:ffff::1" })).toMatchObject({ status: 429 });
    expect(await app.call("POST", "/api/auth/sign-in", { body, address: "2001:db8:1:3::1" })).toMatchObject({ status: 200 });
  });

  test("API keys open the same doors by either header, are shown once, make no keys, and end at once", async () => {
    const ana = await app.person("Ana");
    const made = await ana.call("POST", "/api/me/api-keys", { body: { name: "script" } });
    const key = text(made.body, "key");
    const carriers: Record<string, string>[] = [{ authorization: `Bearer ${key}` }, { "x-api-key": key }];
    for (const headers of carriers) {
      expect(await app.call("GET", "/api/me", { headers })).toMatchObject({ status: 200, body: { user: { id: ana.id } } });
      const another = await app.call("POST", "/api/me/api-keys", { headers, body: { name: "another" } });
      expect(another).toMatchObject({ status: 403 });
    }
    expect((await ana.call("GET", "/api/me/api-keys")).text).not.toContain(key);
    await ana.call("DELETE", `/api/me/api-keys/${text(made.body, "id")}`);
    expect(await app.call("GET", "/api/me", { headers: { "x-api-key": key } })).toMatchObject({ status: 401 });
  });

  test("a bad credential is not passed over for a good one beside it", async () => {
    const ana = await app.person("Ana");
    const bad: Record<string, string>[] = [
      { authorization: "Bearer nonsense" },
      { "x-api-key": "nonsense" },
      { authorization: "Basic eA==" },
    ];
    for (const headers of bad) {
      expect(await ana.call("GET", "/api/me", { headers })).toMatchObject({ status: 401 });
    }
  });

  test("a new password asks for the old one and ends the other sessions", async () => {
    const ana = await app.person("Ana");
    const other = await app.call("POST", "/api/auth/sign-in", { body: { email: ana.email, password } });
    const next = "another long password";
    expect(await ana.call("PATCH", "/api/me", { body: { password: next } })).toMatchObject({ status: 400 });
    expect(await ana.call("PATCH", "/api/me", { body: { password: next, currentPassword: "no" } })).toMatchObject({
      status: 400,
    });
    expect(await ana.call("PATCH", "/api/me", { body: { password: next, currentPassword: password } })).toMatchObject({
      status: 200,
    });
    expect(await app.call("GET", "/api/me", { headers: { cookie: cookieOf(other) } })).toMatchObject({ status: 401 });
    expect(await ana.call("GET", "/api/me")).toMatchObject({ status: 200 });
    expect(await app.call("POST", "/api/auth/sign-in", { body: { email: ana.email, password: next } })).toMatchObject({
      status: 200,
    });
  });

  test("signing out elsewhere ends those sessions and tells every company's room", async () => {
    const ana = await app.person("Ana");
    const company = await ana.makeCompany("Nordlys");
    const other = await app.call("POST", "/api/auth/sign-in", { body: { email: ana.email, password } });
    expect(await ana.call("DELETE", "/api/me/sessions")).toMatchObject({ body: { ended: 1 } });
    expect(await app.call("GET", "/api/me", { headers: { cookie: cookieOf(other) } })).toMatchObject({ status: 401 });
    expect((await app.told(company)).map(({ kind }) => kind)).toContain("session.revoked");
  });

  test("revoking a key tells every company's room, by the name its sockets carry", async () => {
    const ana = await app.person("Ana");
    const companies = [await ana.makeCompany("Nordlys"), await ana.makeCompany("South")];
    const made = await ana.call("POST", "/api/me/api-keys", { body: { name: "script" } });
    const ticket = await app.call("POST", "/api/rooms/tickets", {
      headers: { "x-api-key": text(made.body, "key") },
      body: { party: "company", room: companies[0] },
    });
    const claims = ticketClaims.parse(readToken(TEST_SECRETS.ATRIUM_TICKET_SECRET, "ticket", text(ticket.body, "ticket")));
    expect(claims.session).toBe(`key:${text(made.body, "id")}`);
    const path = `/api/me/api-keys/${text(made.body, "id")}`;
    expect(await ana.call("DELETE", path)).toMatchObject({ status: 204 });
    for (const company of companies) {
      expect((await app.told(company)).at(-1)).toEqual({ kind: "session.revoked", session: claims.session });
    }
    expect(await ana.call("DELETE", path)).toMatchObject({ status: 404 });
  });

  test("no secret stands in the database", async () => {
    const ana = await app.person("Ana");
    const key = text(
      (await ana.call("POST", "/api/me/api-keys", { body: { name: "k" }, headers: { "idempotency-key": "k1" } })).body,
      "key",
    );
    const company = await ana.makeCompany("Nordlys");
    const invite = await ana.call("POST", `/api/companies/${company}/invites`, {
      body: { role: "member" },
      headers: { "idempotency-key": "k2" },
    });
    const secrets = [ana.cookie.split("=")[1] ?? "", key, text(invite.body, "token"), app.ownerToken, password];
    const { rows } = await app.services.read.execute("SELECT name FROM sqlite_schema WHERE type = 'table'");
    for (const { name } of rows) {
      const table = JSON.stringify((await app.services.read.execute(`SELECT * FROM "${name}"`)).rows);
      for (const secret of secrets) expect(table).not.toContain(secret);
    }
  });
});

function withoutId(body: unknown): string {
  return JSON.stringify(body).replace(/"requestId":"[^"]*"/, "");
}
