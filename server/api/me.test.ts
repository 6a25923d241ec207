import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeMailServer, linkIn } from "../../e2e/fakes/smtp.ts";
import { cookieOf, TestApp, type TestPerson, text } from "./test-app.ts";

const PASSWORD = "a long password";

let smtp: FakeMailServer;
let app: TestApp;
let ana: TestPerson;

beforeEach(async () => {
  smtp = await FakeMailServer.start();
  app = await TestApp.open({ env: { ATRIUM_SMTP_URL: smtp.url } });
  ana = await app.person("Ana");
});
afterEach(async () => {
  await app.close();
  await smtp.stop();
});

const signIn = (body: object, headers: Record<string, string> = {}, address = "127.0.0.1") =>
  app.call("POST", "/api/auth/sign-in", { body, headers, address });

describe("a new address", () => {
  const next = { email: "Ana.New@example.com", currentPassword: PASSWORD };

  test("counts once the link that was mailed to it is used; the old one hears of it", async () => {
    expect(await ana.call("POST", "/api/me/email", { body: next })).toMatchObject({ body: { kind: "confirm", minutes: 30 } });
    expect(await ana.call("GET", "/api/me")).toMatchObject({ body: { user: { email: "ana@example.com" } } });
    const token = linkIn(await smtp.mailTo("ana.new@example.com")).split("#")[1];
    const confirm = () => app.call("POST", "/api/auth/confirm-email", { body: { token } });
    expect(await confirm()).toMatchObject({ status: 200, body: { email: "ana.new@example.com" } });
    expect(await signIn({ email: "ana.new@example.com", password: PASSWORD })).toMatchObject({ status: 200 });
    expect((await smtp.mailTo("ana@example.com")).text).toContain("changed to ana.new@example.com");
    expect(await ana.call("GET", "/api/me/ways-in")).toMatchObject({ body: { emailVerified: true } });
    expect(await confirm()).toMatchObject({ status: 410, body: { error: { code: "link_used" } } });
  });

  test("needs the password, and is not somebody else's", async () => {
    const wrong = { ...next, currentPassword: "not it at all" };
    expect(await ana.call("POST", "/api/me/email", { body: wrong })).toMatchObject({
      status: 400,
      body: { error: { details: { field: "currentPassword" } } },
    });
    const company = await ana.makeCompany("Norden");
    const bo = await ana.invite("Bo", company, "member");
    await bo.call("POST", "/api/me/email", { body: { email: "shared@example.com", currentPassword: PASSWORD } });
    await ana.call("POST", "/api/me/email", { body: { email: "shared@example.com", currentPassword: PASSWORD } });
    await expect.poll(() => smtp.mails.length).toBe(2);
    const answers = [];
    for (const mail of smtp.mails) {
      const body = { token: linkIn(mail).split("#")[1] };
      answers.push((await app.call("POST", "/api/auth/confirm-email", { body })).status);
    }
    expect(answers.sort()).toEqual([200, 409]);
  });

  test("is changed at once by the password where mail is off", async () => {
    const quiet = await TestApp.open();
    const bo = await quiet.person("Bo");
    expect(await bo.call("POST", "/api/me/email", { body: { email: "b@example.com", currentPassword: PASSWORD } })).toMatchObject(
      {
        body: { kind: "changed" },
      },
    );
    expect(await bo.call("GET", "/api/me")).toMatchObject({ body: { user: { email: "b@example.com" } } });
    await quiet.close();
  });

  test("a reset link for the old address is of no use after it", async () => {
    await app.call("POST", "/api/auth/reset/request", { body: { email: ana.email } });
    const reset = linkIn(await smtp.mailTo(ana.email, "new password")).split("#")[1];
    await ana.call("POST", "/api/me/email", { body: next });
    const token = linkIn(await smtp.mailTo("ana.new@example.com")).split("#")[1];
    await app.call("POST", "/api/auth/confirm-email", { body: { token } });
    expect(await app.call("POST", "/api/auth/reset", { body: { token: reset, password: PASSWORD } })).toMatchObject({
      status: 410,
    });
  });
});

describe("devices", () => {
  test("are listed with name and network, never with a whole address, and signed out one by one", async () => {
    const agent = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";
    const credentials = { email: ana.email, password: PASSWORD };
    const phone = await signIn(credentials, { "user-agent": agent }, "203.0.113.77");
    const { body, text: raw } = await ana.call("GET", "/api/me/sessions");
    expect(body).toMatchObject({ items: [{ device: agent, network: "203.0.113.x", current: false }, { current: true }] });
    expect(raw).not.toContain("203.0.113.77");

    const { rows } = await app.services.read.execute("SELECT id_hash FROM auth_sessions WHERE network LIKE '203%'");
    const path = `/api/me/sessions/${rows[0]?.id_hash}`;
    const company = await ana.makeCompany("Norden");
    const bo = await ana.invite("Bo", company, "member");
    expect(await bo.call("DELETE", path), "not somebody else's").toMatchObject({ status: 404 });
    expect(await ana.call("DELETE", path)).toMatchObject({ status: 204 });
    expect(await app.call("GET", "/api/me", { headers: { cookie: cookieOf(phone) } })).toMatchObject({ status: 401 });
    expect((await app.told(company)).at(-1)).toEqual({ kind: "session.revoked", session: rows[0]?.id_hash });
    expect(await ana.call("DELETE", path)).toMatchObject({ status: 404 });
  });

  test("stay signed in after a new password when the person says so", async () => {
    const other = await signIn({ email: ana.email, password: PASSWORD });
    const body = { password: "another long password", currentPassword: PASSWORD, keepOthers: true };
    expect(await ana.call("PATCH", "/api/me", { body })).toMatchObject({ status: 200 });
    expect(await app.call("GET", "/api/me", { headers: { cookie: cookieOf(other) } })).toMatchObject({ status: 200 });
    expect((await smtp.mailTo(ana.email, "change to your")).text).toContain("Your password was changed.");
  });
});

test("a time zone comes from the browser at the sign-up and is one that exists", async () => {
  const company = await ana.makeCompany("Norden");
  const made = await ana.call("POST", `/api/companies/${company}/invites`, { body: { role: "member" } });
  const body = { email: "bo@example.com", password: PASSWORD, name: "Bo", invite: text(made.body, "token") };
  const path = "/api/auth/sign-up";
  expect(await app.call("POST", path, { body: { ...body, timezone: "Mars/Olympus" } })).toMatchObject({ status: 400 });
  expect(await app.call("POST", path, { body: { ...body, timezone: "Europe/Oslo" } })).toMatchObject({
    body: { user: { timezone: "Europe/Oslo" } },
  });
});
