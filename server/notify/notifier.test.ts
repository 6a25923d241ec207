import pino from "pino";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../db/test-database.ts";
import { type Statement, WriteQueue } from "../../db/write-queue.ts";
import { type FakePushService, startFakePush } from "../../e2e/fakes/push.ts";
import type { Letter } from "../mail/letter.ts";
import { createVault } from "../secrets/vault.ts";
import { createNotifier, type Notifier } from "./notifier.ts";
import { isPrivate, sendPush, subscription, vapidKeysOf } from "./push.ts";
import { MAIL_AFTER_MS, PUSH_AFTER_MS, USUAL_RULES } from "./rules.ts";
import { listenersOf, noteStatements } from "./store.ts";

const START = Date.parse("2026-11-20T10:00:00.000Z");
const COMPANY = "co_1";

let database: TestDatabase;
let queue: WriteQueue;
let service: FakePushService;
let notifier: Notifier;
let letters: Letter[];
let now: number;

function keep(letter: Letter): [] {
  letters.push(letter);
  return [];
}

beforeEach(async () => {
  now = START;
  letters = [];
  database = await openTestDatabase();
  const clock = { now: () => now };
  queue = new WriteQueue(database.writer, { generation: 1, clock, onOutbox: () => {} });
  service = await startFakePush();
  notifier = createNotifier({
    read: database.read,
    write: queue.write,
    vault: createVault("v".repeat(43)),
    mail: { on: true, put: keep, kick: () => {} },
    clock,
    log: pino({ level: "silent" }),
    origin: "https://atrium.example.com",
    contact: "mailto:ops@example.com",
    agent: service.agent,
  });
  const iso = new Date(START).toISOString();
  await write(
    [
      "INSERT INTO users (id, email, name, timezone, password_hash, created_at) VALUES ('u_1', 'ana@example.com', 'Ana', 'UTC', 'x', ?)",
      iso,
    ],
    ["INSERT INTO companies (id, name, prefix, created_by, created_at) VALUES ('co_1', 'Norden', 'NOR', 'u_1', ?)", iso],
    ["INSERT INTO members (company, user, role, created_at) VALUES ('co_1', 'u_1', 'owner', ?)", iso],
  );
});
afterEach(async () => {
  await notifier.close();
  await service.close();
  await queue.close();
  database.remove();
});

async function write(...statements: [string, ...string[]][]): Promise<void> {
  await queue.write(() => statements.map(([sql, ...args]): Statement => ({ sql, args })));
}

async function tell(key = "approval:ap_1", subject = "ap_1"): Promise<void> {
  const listeners = await listenersOf(database.read, COMPANY);
  const note = {
    user: "u_1",
    key,
    kind: "approval" as const,
    subject,
    title: "Guide asks for your consent",
    path: `/c/co_1/needs?card=${subject}`,
  };
  await queue.write(() => noteStatements({ company: COMPANY, companyName: "Norden" }, [{ kind: "note", note }], listeners, now));
}

/** Lets the notifier do all that is due at a time. */
async function at(time: number): Promise<void> {
  now = time;
  notifier.kick();
  const due = async (): Promise<unknown> => {
    const { rows } = await database.read.execute({
      sql: "SELECT count(*) AS n FROM notifications WHERE push_at <= ?1 OR mail_at <= ?1",
      args: [new Date(time).toISOString()],
    });
    return rows[0]?.n;
  };
  await expect.poll(due, { interval: 5 }).toBe(0);
}

async function allow(): Promise<ReturnType<FakePushService["browser"]>> {
  const browser = service.browser();
  const owner = { user: "u_1", device: "Pixel", authSession: undefined };
  await notifier.devices.add(owner, browser.subscription, new Date(now).toISOString());
  return browser;
}

describe("an ask", () => {
  test("reaches the phone sealed and signed, names no content, and leads to its card", async () => {
    const phone = await allow();
    await tell();
    await at(START + PUSH_AFTER_MS);
    expect(service.refused).toEqual([]);
    expect(phone.received).toEqual([
      { text: expect.any(String), ttl: "86400", urgency: "high", contact: "mailto:ops@example.com" },
    ]);
    expect(JSON.parse(phone.received[0]?.text ?? "")).toEqual({
      title: "Guide asks for your consent",
      body: "Norden",
      url: "/c/co_1/needs?card=ap_1",
      tag: "ap_1",
      action: "Open",
    });
    expect((await notifier.devices.list("u_1"))[0]).toMatchObject({ device: "Pixel", lastOkAt: expect.any(String) });
  });

  test("that was settled in time rings nowhere and is not mailed", async () => {
    const phone = await allow();
    await tell();
    const listeners = await listenersOf(database.read, COMPANY);
    await queue.write(() =>
      noteStatements({ company: COMPANY, companyName: "Norden" }, [{ kind: "settled", subject: "ap_1" }], listeners, now),
    );
    await at(START + MAIL_AFTER_MS);
    expect(phone.received).toEqual([]);
    expect(letters).toEqual([]);
  });

  test("nobody settled is mailed with a link, once", async () => {
    await tell();
    await at(START + MAIL_AFTER_MS);
    await at(START + 2 * MAIL_AFTER_MS);
    expect(letters).toHaveLength(1);
    expect(letters[0]).toMatchObject({ to: "ana@example.com", subject: "Guide asks for your consent (Norden)" });
    expect(letters[0]?.text).toContain("https://atrium.example.com/c/co_1/needs?card=ap_1");
  });

  test("is told once, however often its event is archived", async () => {
    const phone = await allow();
    await tell();
    await tell();
    await at(START + PUSH_AFTER_MS);
    expect(phone.received).toHaveLength(1);
  });

  test("waits for the morning of a person with quiet hours", async () => {
    const phone = await allow();
    const rules = { ...USUAL_RULES, quiet: { from: "09:00", to: "12:00" } };
    await write(["INSERT INTO notify_rules (user, json, updated_at) VALUES ('u_1', ?, 'x')", JSON.stringify(rules)]);
    await tell();
    await at(START + PUSH_AFTER_MS);
    expect(phone.received).toEqual([]);
    await at(Date.parse("2026-11-20T12:00:00.000Z"));
    expect(phone.received).toHaveLength(1);
  });

  test("is not told to somebody who is no member any more", async () => {
    const phone = await allow();
    await tell();
    await write(["UPDATE members SET removed_at = 'now' WHERE user = 'u_1'"]);
    await at(START + MAIL_AFTER_MS);
    expect(phone.received).toEqual([]);
    expect(letters).toEqual([]);
  });
});

describe("a browser", () => {
  test.each([404, 410])("that is gone (%i) is forgotten, and the others are reached", async (status) => {
    const [gone, phone] = [await allow(), await allow()];
    gone.answer = status;
    await tell();
    await at(START + PUSH_AFTER_MS);
    expect(phone.received).toHaveLength(1);
    expect(await notifier.devices.list("u_1")).toHaveLength(1);
  });

  test("whose service is busy is tried again after half a minute", async () => {
    const phone = await allow();
    phone.answer = 503;
    await tell();
    await at(START + PUSH_AFTER_MS);
    phone.answer = 201;
    await at(now + 29_000);
    expect(phone.received).toEqual([]);
    await at(now + 1_000);
    expect(phone.received).toHaveLength(1);
  });

  test("that is signed out is pushed to no more", async () => {
    await write([
      "INSERT INTO auth_sessions (id_hash, user, device, created_at, expires_at) VALUES ('s_1', 'u_1', 'x', 'x', 'x')",
    ]);
    const browser = service.browser();
    await notifier.devices.add({ user: "u_1", device: "Pixel", authSession: "s_1" }, browser.subscription, "x");
    await write(["DELETE FROM auth_sessions WHERE id_hash = 's_1'"]);
    expect(await notifier.devices.list("u_1")).toEqual([]);
  });

  test.each([
    "http://push.example.com/x",
    "https://127.0.0.1/x",
    "https://localhost/x",
    "https://[::1]/x",
    "https://router.lan/x",
    "https://db/x",
    "https://localhost./x",
    "https://db.internal./x",
    "ftp://a.b",
  ])("cannot have us knock at %s", (endpoint) => {
    expect(subscription.safeParse({ ...service.browser().subscription, endpoint }).success).toBe(false);
  });
});

test.each([
  "127.0.0.1",
  "10.1.2.3",
  "192.168.0.1",
  "172.20.0.1",
  "169.254.169.254",
  "100.100.0.1",
  "::1",
  "fd00::1",
  "fe80::1",
  "::ffff:127.0.0.1",
])("%s is an address inside", (address) => expect(isPrivate(address)).toBe(true));

test("a name of the outside that leads inside is not connected to", async () => {
  expect(["203.0.113.7", "2606:4700::1"].map(isPrivate)).toEqual([false, false]);
  const to = { ...service.browser().subscription, endpoint: "https://localhost:9/x" };
  const keys = await vapidKeysOf(database.read, queue.write, createVault("v".repeat(43)));
  const answer = await sendPush(to, {}, keys, "mailto:ops@example.com");
  expect(answer).toEqual({ kind: "later", why: "the name leads into a private network" });
});

test("the keys are made once, whoever asks first, and are kept sealed", async () => {
  const [a, b] = await Promise.all([notifier.publicKey(), notifier.publicKey()]);
  expect(a).toBe(b);
  const { rows } = await database.read.execute("SELECT value FROM instance WHERE key = 'vapid'");
  expect(String(rows[0]?.value)).not.toContain(a);
});
