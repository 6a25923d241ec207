/** The real app over a real database in a temporary folder, for tests. The rooms are away: nothing listens at their address. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pino } from "pino";
import { type RecordChange, recordChange } from "../../party/protocol/internal.ts";
import { makeOwnerToken } from "../auth/owner-token.ts";
import { createPasswords } from "../auth/passwords.ts";
import { createApp, createInternalApp } from "./app.ts";
import { openServices } from "./open-services.ts";
import type { Services } from "./services.ts";
import { readSettings } from "./settings.ts";

/** the discard port: connections are refused at once */
const CLOSED = "http://127.0.0.1:9";
export const TEST_SECRETS = {
  ATRIUM_ROOMS_SECRET: "r".repeat(43),
  ATRIUM_TICKET_SECRET: "t".repeat(43),
  ATRIUM_VAULT_KEY: "v".repeat(43),
};
/** scrypt with the real cost would be most of a test's time */
const CHEAP = { n: 2 ** 8, r: 8, p: 1 };

export type TestOptions = {
  env?: Record<string, string>;
  clock?: { now(): number };
  /** bytes free on the disk */
  freeSpace?: () => Promise<number>;
  roomAnswerMs?: number;
  /** folder whose `dist/app` is served */
  appRoot?: string;
};

export type Reply = { status: number; headers: Headers; text: string; body: unknown };
export type Call = { body?: unknown; headers?: Record<string, string>; address?: string };

export class TestApp {
  readonly services: Services;
  readonly app: ReturnType<typeof createApp>;
  readonly internal: ReturnType<typeof createInternalApp>;
  readonly ownerToken: string;
  readonly folder: string;
  readonly #close: () => Promise<void>;

  private constructor(services: Services, ownerToken: string, folder: string, close: () => Promise<void>) {
    this.services = services;
    this.internal = createInternalApp(services);
    this.app = createApp(services, this.internal);
    this.ownerToken = ownerToken;
    this.folder = folder;
    this.#close = close;
  }

  static async open({ env, clock, freeSpace, roomAnswerMs, appRoot }: TestOptions = {}): Promise<TestApp> {
    const folder = mkdtempSync(join(tmpdir(), "atrium-api-"));
    const { settings, secrets } = readSettings({
      ...TEST_SECRETS,
      ATRIUM_ROOT: resolve(import.meta.dirname, "../.."),
      ATRIUM_DATA: folder,
      ATRIUM_ROOMS_URL: CLOSED,
      ATRIUM_INTERNAL_URL: CLOSED,
      ...env,
    });
    const log = pino({ level: "silent" });
    const passwords = createPasswords(CHEAP);
    const { services, close } = await openServices({ settings, secrets, log, clock, passwords, freeSpace, roomAnswerMs });
    const token = await makeOwnerToken(services.read, services.write);
    const shown = appRoot === undefined ? services : { ...services, settings: { ...settings, root: appRoot } };
    return new TestApp(shown, token ?? "", folder, close);
  }

  async close(): Promise<void> {
    await this.#close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** One request, as a program sends it. */
  async call(method: string, path: string, { body, headers, address = "127.0.0.1" }: Call = {}): Promise<Reply> {
    const response = await this.app.request(
      `http://127.0.0.1:3000${path}`,
      {
        method,
        headers: { host: "127.0.0.1:3000", ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
        body: body === undefined ? undefined : JSON.stringify(body),
      },
      { incoming: { socket: { remoteAddress: address } } },
    );
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parse(text) };
  }

  /** What waits in the outbox for a company's room, in order. */
  async told(company: string): Promise<RecordChange[]> {
    const { rows } = await this.services.read.execute({
      sql: "SELECT payload FROM outbox WHERE party = 'company' AND room = ? ORDER BY id",
      args: [company],
    });
    return rows.map(({ payload }) => recordChange.parse(JSON.parse(String(payload))));
  }

  /** Makes an account and signs it in. The first one needs the owner's token. */
  async person(name: string, invite: string | undefined = this.ownerToken): Promise<TestPerson> {
    const email = `${name.toLowerCase()}@example.com`;
    const reply = await this.call("POST", "/api/auth/sign-up", { body: { email, password: "a long password", name, invite } });
    if (reply.status !== 201) throw new Error(`sign-up answered ${reply.status}: ${reply.text}`);
    return new TestPerson(this, email, cookieOf(reply), text(reply.body, "user", "id"));
  }
}

/** A person with a browser session. */
export class TestPerson {
  readonly id: string;
  readonly email: string;
  readonly cookie: string;
  readonly #app: TestApp;

  constructor(app: TestApp, email: string, cookie: string, id: string) {
    this.#app = app;
    this.email = email;
    this.cookie = cookie;
    this.id = id;
  }

  call(method: string, path: string, { headers, ...call }: Call = {}): Promise<Reply> {
    return this.#app.call(method, path, { ...call, headers: { cookie: this.cookie, ...headers } });
  }

  async makeCompany(name: string): Promise<string> {
    return text((await this.call("POST", "/api/companies", { body: { name } })).body, "id");
  }

  /** A new person, invited by this one. */
  async invite(name: string, company: string, role: string): Promise<TestPerson> {
    const reply = await this.call("POST", `/api/companies/${company}/invites`, { body: { role } });
    return this.#app.person(name, text(reply.body, "token"));
  }
}

/** The session's cookie that an answer sets. */
export function cookieOf({ headers }: Reply): string {
  return headers.get("set-cookie")?.split(";", 1)[0] ?? "";
}

/** A string somewhere in an answer. Fails when it is not there. */
export function text(body: unknown, ...path: string[]): string {
  let value = body;
  for (const key of path)
    value = value && typeof value === "object" ? Object.entries(value).find(([name]) => name === key)?.[1] : undefined;
  if (typeof value !== "string") throw new Error(`no text at ${path.join(".")} in ${JSON.stringify(body)}`);
  return value;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
