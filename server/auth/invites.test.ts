import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeMailServer, linkIn } from "../../e2e/fakes/smtp.ts";
import { TestApp, type TestPerson, text } from "../api/test-app.ts";

let now = Date.now();
let smtp: FakeMailServer;
let app: TestApp;
let ana: TestPerson;
let company: string;

beforeEach(async () => {
  now = Date.now();
  smtp = await FakeMailServer.start();
  app = await TestApp.open({ clock: { now: () => now }, env: { ATRIUM_SMTP_URL: smtp.url } });
  ana = await app.person("Ana");
  company = await ana.makeCompany("Norden");
});
afterEach(async () => {
  await app.close();
  await smtp.stop();
});

async function invite(by: TestPerson, body: { role: string; email?: string } = { role: "member" }): Promise<string> {
  const made = await by.call("POST", `/api/companies/${company}/invites`, { body });
  expect(made.status).toBe(201);
  return text(made.body, "token");
}

/** How a link looks to somebody who opens it, and what happens when they join with it. */
async function opened(token: string, by: TestPerson) {
  const preview = await app.call("GET", `/api/invites/preview?token=${token}`);
  const accept = await by.call("POST", "/api/invites/accept", { body: { invite: token } });
  return { preview: [preview.status, codeOf(preview.body)], accept: [accept.status, codeOf(accept.body)] };
}

function codeOf(body: unknown): string {
  return text(body, "error", "code");
}

/** Somebody with an account and no company. */
async function stranger(name: string): Promise<TestPerson> {
  const person = await app.person(name, await invite(ana));
  await person.call("POST", `/api/companies/${company}/leave`);
  return person;
}

test("used twice: the second one reads that it was used, and that it works once", async () => {
  const token = await invite(ana);
  const [bo, cleo] = [await stranger("Bo"), await stranger("Cleo")];
  expect(await bo.call("POST", "/api/invites/accept", { body: { invite: token } })).toMatchObject({ status: 200 });
  expect(await opened(token, cleo)).toEqual({ preview: [410, "invite_used"], accept: [410, "invite_used"] });
});

test("two people open the same link at once: one of them is in", async () => {
  const token = await invite(ana);
  const both = await Promise.all(
    [await stranger("Bo"), await stranger("Cleo")].map((one) =>
      one.call("POST", "/api/invites/accept", { body: { invite: token } }),
    ),
  );
  expect(both.map(({ status }) => status).sort()).toEqual([200, 410]);
});

test("another person than it was meant for is refused, with the address they came with; the right one joins", async () => {
  const [bo, cleo] = [await stranger("Bo"), await stranger("Cleo")];
  const token = await invite(ana, { role: "member", email: "bo@example.com" });
  const refused = await cleo.call("POST", "/api/invites/accept", { body: { invite: token } });
  expect(refused).toMatchObject({ status: 403, body: { error: { code: "invite_for_another" } } });
  expect(refused.text).toContain("cleo@example.com");
  const body = { email: "eve@example.com", password: "a long password", name: "Eve", invite: token };
  expect(await app.call("POST", "/api/auth/sign-up", { body })).toMatchObject({ status: 403 });
  expect(await bo.call("POST", "/api/invites/accept", { body: { invite: token } })).toMatchObject({ status: 200 });
});

test("after the inviter was removed, lost the role or was switched off, nobody comes in by their invites", async () => {
  const bo = await stranger("Bo");
  const closed = { preview: [410, "inviter_gone"], accept: [410, "inviter_gone"] };

  const removed = await ana.invite("Removed", company, "admin");
  const first = await invite(removed);
  await ana.call("DELETE", `/api/companies/${company}/members/${removed.id}`);
  expect(await opened(first, bo)).toEqual(closed);

  const demoted = await ana.invite("Demoted", company, "admin");
  const second = await invite(demoted);
  await ana.call("PATCH", `/api/companies/${company}/members/${demoted.id}`, { body: { role: "operator" } });
  expect(await opened(second, bo)).toEqual(closed);

  const off = await ana.invite("Off", company, "admin");
  const third = await invite(off);
  await ana.call("PATCH", `/api/instance/people/${off.id}`, { body: { disabled: true } });
  expect(await opened(third, bo)).toEqual(closed);
});

test("one that was taken back and one whose company was removed are not known any more", async () => {
  const bo = await stranger("Bo");
  const unknown = { preview: [404, "invite_unknown"], accept: [404, "invite_unknown"] };
  const made = await ana.call("POST", `/api/companies/${company}/invites`, { body: { role: "member" } });
  await ana.call("DELETE", `/api/companies/${company}/invites/${text(made.body, "id")}`);
  expect(await opened(text(made.body, "token"), bo)).toEqual(unknown);

  const token = await invite(ana);
  await ana.call("DELETE", `/api/companies/${company}`);
  expect(await opened(token, bo)).toEqual(unknown);
});

test("after a week it is too old", async () => {
  const bo = await stranger("Bo");
  const token = await invite(ana);
  now += 7 * 24 * 3_600_000;
  expect(await opened(token, bo)).toEqual({ preview: [410, "invite_expired"], accept: [410, "invite_expired"] });
});

test("by mail: the link arrives, says who invites and to what, and lets exactly that address in", async () => {
  const made = await ana.call("POST", `/api/companies/${company}/invites`, {
    body: { role: "operator", email: "Dana@Example.com" },
  });
  expect(made.body).toMatchObject({ mailed: true, email: "dana@example.com" });
  const mail = await smtp.mailTo("dana@example.com");
  expect(mail.subject).toBe("Ana invites you to Norden");
  const link = linkIn(mail);
  expect(link).toBe(text(made.body, "link"));
  const dana = await app.person("Dana", new URL(link).searchParams.get("invite") ?? "");
  expect(await dana.call("GET", `/api/companies/${company}`)).toMatchObject({ body: { role: "operator" } });
});

test("an invite for an address that is made while mail is off says so: the link has to be sent by hand", async () => {
  const quiet = await TestApp.open();
  const bo = await quiet.person("Bo");
  const place = await bo.makeCompany("Quiet");
  const made = await bo.call("POST", `/api/companies/${place}/invites`, { body: { role: "member", email: "x@example.com" } });
  expect(made.body).toMatchObject({ mailed: false });
  await quiet.close();
});

test("fifty mailed invites a day are enough; links to send oneself are still made", async () => {
  const path = `/api/companies/${company}/invites`;
  const mailed = await Promise.all(
    Array.from({ length: 51 }, (_, n) => ana.call("POST", path, { body: { role: "member", email: `p${n}@example.com` } })),
  );
  expect(mailed.map(({ status }) => status).filter((status) => status !== 201)).toEqual([429]);
  expect(await ana.call("POST", path, { body: { role: "member" } })).toMatchObject({ status: 201 });
});
