import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeMailServer, linkIn } from "../../e2e/fakes/smtp.ts";
import { signRequest } from "../../party/protocol/sign.ts";
import { cookieOf, TEST_SECRETS, TestApp, type TestPerson, text } from "../api/test-app.ts";
import { resetPassword } from "./reset.ts";

const PASSWORD = "a long password";
const NEXT = "another long password";

let now = Date.now();
let smtp: FakeMailServer;
let app: TestApp;
let ana: TestPerson;

beforeEach(async () => {
  now = Date.now();
  smtp = await FakeMailServer.start();
  app = await TestApp.open({ clock: { now: () => now }, env: { ATRIUM_SMTP_URL: smtp.url } });
  ana = await app.person("Ana");
});
afterEach(async () => {
  await app.close();
  await smtp.stop();
});

const ask = (email: string, address = "127.0.0.1") => app.call("POST", "/api/auth/reset/request", { body: { email }, address });
const tokenOf = (link: string) => link.split("#")[1] ?? "";
const preview = (token: string) => app.call("POST", "/api/auth/reset/preview", { body: { token } });
const set = (token: string, password: string) => app.call("POST", "/api/auth/reset", { body: { token, password } });
const signIn = (password: string) => app.call("POST", "/api/auth/sign-in", { body: { email: ana.email, password } });

/** The token that is mailed to Ana when she asks for it. */
async function mailedToken(): Promise<string> {
  const before = smtp.mails.length;
  await ask(ana.email);
  await expect.poll(() => smtp.mails.length).toBeGreaterThan(before);
  return tokenOf(linkIn(await smtp.mailTo(ana.email, "new password")));
}

describe("by mail", () => {
  test("the link sets a new password once, ends every other session, and this browser is signed in", async () => {
    const company = await ana.makeCompany("Norden");
    const token = await mailedToken();
    expect(await preview(token)).toMatchObject({ status: 200, body: { email: ana.email } });
    expect(await preview(token), "looking uses nothing up: mail scanners look").toMatchObject({ status: 200 });

    const done = await set(token, NEXT);
    expect(done).toMatchObject({ status: 200, body: { user: { id: ana.id } } });
    expect(await app.call("GET", "/api/me", { headers: { cookie: cookieOf(done) } })).toMatchObject({ status: 200 });
    expect(await ana.call("GET", "/api/me")).toMatchObject({ status: 401 });
    expect((await app.told(company)).map(({ kind }) => kind)).toContain("session.revoked");
    expect(await signIn(PASSWORD)).toMatchObject({ status: 401 });
    expect(await signIn(NEXT)).toMatchObject({ status: 200 });
    expect(await smtp.mailTo(ana.email, "change to your")).toMatchObject({ text: expect.stringContaining("set anew") });

    expect(await set(token, "a third long password")).toMatchObject({ status: 410, body: { error: { code: "link_used" } } });
    expect(await preview(token)).toMatchObject({ status: 410 });
  });

  test("two browsers use the same link at once, and one of them sets the password", async () => {
    const token = await mailedToken();
    const both = await Promise.all([set(token, NEXT), set(token, "yet another password")]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 410]);
  });

  test("after half an hour the link is too old, and a newer one replaces an older one", async () => {
    const first = await mailedToken();
    const second = await mailedToken();
    expect(await set(first, NEXT)).toMatchObject({ status: 410 });
    now += 30 * 60_000;
    expect(await set(second, NEXT)).toMatchObject({ status: 410 });
    expect(await signIn(PASSWORD)).toMatchObject({ status: 200 });
  });

  test("whether somebody has an account shows neither in the answer nor by a mail to a stranger", async () => {
    const known = await ask(ana.email);
    const unknown = await ask("nobody@example.com");
    expect([unknown.status, unknown.text]).toEqual([known.status, known.text]);
    await smtp.mailTo(ana.email);
    expect(smtp.mails.map(({ to }) => to)).toEqual([[ana.email]]);
  });

  test("three mails in a quarter of an hour to one address, ten requests from one place, known or not", async () => {
    for (const email of [ana.email, "nobody@example.com"]) {
      const asked = await Promise.all(Array.from({ length: 5 }, (_, n) => ask(email, `203.0.113.${n}`)));
      expect(asked.map(({ status }) => status).sort()).toEqual([202, 202, 202, 429, 429]);
    }
    const flood = await Promise.all(Array.from({ length: 12 }, (_, n) => ask(`p${n}@example.com`, "198.51.100.7")));
    expect(flood.filter(({ status }) => status === 429)).toHaveLength(2);
    expect(await signIn(PASSWORD), "asking for mails locks nobody out").toMatchObject({ status: 200 });
  });

  test("a reset opens an account that guesses had locked", async () => {
    await Promise.all(Array.from({ length: 10 }, (_, n) => signIn(`guess number ${n}`)));
    expect(await signIn(PASSWORD)).toMatchObject({ status: 429 });
    const token = await mailedToken();
    expect(await app.call("POST", "/api/auth/reset", { body: { token, password: NEXT }, address: "198.51.100.1" })).toMatchObject(
      {
        status: 200,
      },
    );
    const body = { email: ana.email, password: NEXT };
    expect(await app.call("POST", "/api/auth/sign-in", { body, address: "198.51.100.1" })).toMatchObject({ status: 200 });
  });

  test("the token stands nowhere in the database", async () => {
    const token = await mailedToken();
    const { rows } = await app.services.read.execute("SELECT name FROM sqlite_schema WHERE type = 'table'");
    for (const { name } of rows) {
      expect(JSON.stringify((await app.services.read.execute(`SELECT * FROM "${name}"`)).rows)).not.toContain(token);
    }
  });

  test("an instance without mail says what to do instead", async () => {
    const quiet = await TestApp.open();
    const reply = await quiet.call("POST", "/api/auth/reset/request", { body: { email: "x@example.com" } });
    expect(reply).toMatchObject({ status: 409, body: { error: { code: "mail_off" } } });
    expect(reply.text).toContain("`npm run atrium -- user reset-password`");
    await quiet.close();
  });
});

describe("on the server", () => {
  test("the password is gone at once, sessions end, and the link sets a new one; the audit names the operator", async () => {
    const outcome = await resetPassword(app.services, " Ana@example.com");
    expect(outcome).toMatchObject({ kind: "link", person: { name: "Ana" } });
    expect(await ana.call("GET", "/api/me")).toMatchObject({ status: 401 });
    expect(await signIn(PASSWORD)).toMatchObject({ status: 401 });
    expect(await set(text(outcome, "token"), NEXT)).toMatchObject({ status: 200 });
    const { rows } = await app.services.read.execute(
      "SELECT actor_kind, action FROM activity WHERE action LIKE 'account.%reset%' ORDER BY n",
    );
    expect(rows.map(({ actor_kind, action }) => [actor_kind, action])).toEqual([
      ["system", "account.reset_link_made"],
      ["person", "account.password_reset"],
    ]);
  });

  test("nobody has that address", async () => {
    expect(await resetPassword(app.services, "nobody@example.com")).toEqual({ kind: "nobody" });
  });

  test("a running instance does it for the command, signed on loopback only", async () => {
    const path = "/internal/users/reset-password";
    const body = JSON.stringify({ email: ana.email });
    const send = (headers: Record<string, string>) =>
      app.internal.request(`http://127.0.0.1${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body,
      });
    expect((await send({})).status).toBe(401);
    const signed = await send(signRequest(TEST_SECRETS.ATRIUM_ROOMS_SECRET, "POST", path, body, now));
    expect(signed.status).toBe(200);
    expect(await set(tokenOf(text(await signed.json(), "link")), NEXT)).toMatchObject({ status: 200 });
  });
});
