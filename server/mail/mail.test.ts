import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeMailServer, linkIn } from "../../e2e/fakes/smtp.ts";
import { TestApp } from "../api/test-app.ts";
import { htmlOf } from "./letter.ts";
import { createMailer } from "./mailer.ts";
import { mailOutbox } from "./outbox.ts";
import { judge, RETRY_AFTER_MS } from "./schedule.ts";
import type { Transport } from "./transport.ts";

let smtp: FakeMailServer;
let app: TestApp;
let now = Date.now();
const clock = { now: () => now };

beforeEach(async () => {
  now = Date.now();
  smtp = await FakeMailServer.start();
  app = await TestApp.open({ env: { ATRIUM_SMTP_URL: smtp.url, ATRIUM_MAIL_FROM: "Atrium <atrium@norden.example>" }, clock });
});
afterEach(async () => {
  await app.close();
  await smtp.stop();
});

const letter = {
  to: "ana@example.com",
  subject: "Hello",
  text: "Hello Ana,\n\nlook:\n\nhttp://x.example/?a=1&b=2",
  kind: "notice",
};
const waiting = () => app.services.mail.counts();

test("a mail arrives as text and as HTML that fetches nothing, from the sender of the settings", async () => {
  expect(await app.services.mail.send(letter)).toBe("queued");
  const mail = await smtp.mailTo("ana@example.com");
  expect(mail).toMatchObject({ from: "atrium@norden.example", subject: "Hello", text: letter.text });
  expect(mail.messageId).toMatch(/^<ml_[0-9a-z]{26}@norden\.example>$/);
  expect(mail.html).toContain('<a href="http://x.example/?a=1&amp;b=2">');
  expect(mail.html).not.toMatch(/<(img|link|script|style)|src=/);
  await expect.poll(waiting).toMatchObject({ waiting: 0 });
});

test("what people wrote stays text in the HTML", () => {
  expect(htmlOf('<b onclick="x">Ana</b> & http://x.example/"><i>')).toContain(
    '&lt;b onclick=&quot;x&quot;&gt;Ana&lt;/b&gt; &amp; <a href="http://x.example/">http://x.example/</a>&quot;&gt;&lt;i&gt;',
  );
});

test("a mail server that is down or says not now is asked again, later and later", async () => {
  smtp.mood = { kind: "refuses", code: 451, words: "try again later" };
  await app.services.mail.send(letter);
  await expect.poll(waiting).toMatchObject({ lastError: expect.any(String) });
  expect(await waiting()).toMatchObject({ waiting: 1, dead: 0, lastError: expect.stringContaining("try again later") });

  smtp.mood = { kind: "takes" };
  now += RETRY_AFTER_MS[0] ?? 0;
  app.services.mail.kick();
  await smtp.mailTo("ana@example.com");
  expect(smtp.attempts).toBe(2);
});

test("an address that does not exist is given up at once, and what the mail said is gone", async () => {
  smtp.mood = { kind: "refuses", code: 550, words: "no such user here" };
  await app.services.mail.send(letter);
  await expect.poll(waiting).toMatchObject({ dead: 1 });
  const { rows } = await app.services.read.execute("SELECT sealed, last_error, recipient FROM mail_outbox");
  expect(rows[0]).toMatchObject({ sealed: null, recipient: "ana@example.com" });
  expect(String(rows[0]?.last_error)).toContain("no such user here");
});

test("a mail that is of no use any more is not sent late", async () => {
  smtp.mood = { kind: "refuses", code: 451, words: "busy" };
  await app.services.mail.send({ ...letter, until: new Date(now + 30_000).toISOString() });
  await expect.poll(waiting).toMatchObject({ lastError: expect.any(String) });
  smtp.mood = { kind: "takes" };
  now += 60_000;
  app.services.mail.kick();
  await expect.poll(waiting).toMatchObject({ dead: 1 });
  expect(smtp.mails).toEqual([]);
});

test("nothing of a mail can be read in the database, and another process sends what one left behind", async () => {
  const { write, read, vault, log } = app.services;
  const outbox = mailOutbox(read, write, vault);
  const gone: Transport = { deliver: () => new Promise(() => undefined) };
  void createMailer({ outbox, write, transport: gone, clock, log }).send(letter);
  await expect.poll(waiting).toMatchObject({ waiting: 1 });
  const { rows } = await read.execute("SELECT * FROM mail_outbox");
  expect(JSON.stringify(rows)).not.toContain("look:");

  app.services.mail.kick();
  expect(linkIn(await smtp.mailTo("ana@example.com"))).toBe("http://x.example/?a=1&b=2");
});

test("without a mail server nothing is stored, and whoever asks is told", async () => {
  const quiet = await TestApp.open();
  expect(quiet.services.mail.on).toBe(false);
  expect(await quiet.services.mail.send(letter)).toBe("off");
  expect(await quiet.services.mail.counts()).toMatchObject({ waiting: 0 });
  await quiet.close();
});

test("a mail is given up after the last pause, and a refused sign-in at the mail server is only a setting", () => {
  const busy = { code: 451, command: "RCPT TO", message: "busy" };
  expect(judge(busy, RETRY_AFTER_MS.length, 0, undefined)).toMatchObject({ kind: "again" });
  expect(judge(busy, RETRY_AFTER_MS.length + 1, 0, undefined)).toMatchObject({ kind: "dead" });
  expect(judge({ code: 535, command: "AUTH PLAIN", message: "no" }, 1, 0, undefined)).toMatchObject({ kind: "again" });
  expect(judge({ code: 554, command: "DATA", message: "spam" }, 1, 0, undefined)).toMatchObject({ kind: "dead" });
});
