/** A person or a script at the REST interface: every answer is parsed, every refusal is an error with its code. */
import { z } from "zod";
import { assertNever } from "../../party/protocol/assert.ts";
import { approval } from "../../party/protocol/company.ts";
import { message } from "../../party/protocol/session.ts";
import type { Party } from "../../party/protocol/tickets.ts";
import { type HttpAnswer, HttpClient } from "./http.ts";
import { until } from "./until.ts";

const anything = z.unknown();
const withId = z.object({ id: z.string() });
const errorBody = z.object({
  error: z.object({ code: z.string(), message: z.string(), details: z.record(z.string(), z.unknown()).optional() }),
});
const event = z.object({ seq: z.number(), at: z.string(), type: z.string() }).loose();
const run = z.object({ id: z.string(), state: z.string(), outcome: z.string().nullish() }).loose();

/** what everybody signs up with */
export const PASSWORD = "correct horse battery";

export type RoomEvent = z.infer<typeof event>;
export type Ticket = { url: string; ticket: string };
export type Credentials = { kind: "none" } | { kind: "cookie"; value: string } | { kind: "bearer"; key: string };

/** The API said no. */
export class ApiRefused extends Error {
  override name = "ApiRefused";
  readonly status: number;
  readonly code: string;
  readonly details: Record<string, unknown>;
  readonly retryAfter: string | undefined;

  constructor(what: string, answer: HttpAnswer) {
    const body = errorBody.safeParse(parseJson(answer.text));
    const said = body.success ? `${body.data.error.code}: ${body.data.error.message}` : answer.text.slice(0, 200);
    super(`${what}: ${answer.status} ${said}`);
    this.status = answer.status;
    this.code = body.success ? body.data.error.code : "";
    this.details = (body.success && body.data.error.details) || {};
    this.retryAfter = answer.headers["retry-after"];
  }
}

function mailboxOf(name: string): string {
  return `${name.toLowerCase()}@example.com`;
}

export type Options = { idempotencyKey?: string; timeoutMs?: number };

export class ApiClient {
  readonly http: HttpClient;
  #credentials: Credentials;
  /** id of the signed-in person; empty for a key */
  readonly person: string;

  constructor(http: HttpClient, credentials: Credentials = { kind: "none" }, person = "") {
    this.http = http;
    this.#credentials = credentials;
    this.person = person;
  }

  /** Makes an account and signs in. `link` is the owner link or an invite. */
  static async signUp(url: string, name: string, link: string | undefined, email = mailboxOf(name)): Promise<ApiClient> {
    const http = new HttpClient(url);
    const body = { email, password: PASSWORD, name, invite: tokenOf(link) };
    const answer = await new ApiClient(http).raw("POST", "/api/auth/sign-up", body);
    if (answer.status !== 201) throw new ApiRefused("sign-up", answer);
    const cookie = answer.headers["set-cookie"]?.[0]?.split(";", 1)[0] ?? "";
    const { user } = z.object({ user: withId }).parse(parseJson(answer.text));
    return new ApiClient(http, { kind: "cookie", value: cookie }, user.id);
  }

  /** Signs in as somebody who has signed up. */
  static async signIn(url: string, name: string, password = PASSWORD): Promise<ApiClient> {
    const http = new HttpClient(url);
    const body = { email: mailboxOf(name), password };
    const answer = await new ApiClient(http).raw("POST", "/api/auth/sign-in", body);
    if (answer.status !== 200) throw new ApiRefused("sign-in", answer);
    const cookie = answer.headers["set-cookie"]?.[0]?.split(";", 1)[0] ?? "";
    const { user } = z.object({ user: withId }).parse(parseJson(answer.text));
    return new ApiClient(http, { kind: "cookie", value: cookie }, user.id);
  }

  /** The same person at another address, for an instance that was started again. */
  at(url: string): ApiClient {
    return new ApiClient(new HttpClient(url), this.#credentials, this.person);
  }

  /** Headers that prove who asks. */
  headers(): Record<string, string> {
    const given = this.#credentials;
    switch (given.kind) {
      case "cookie":
        return { cookie: given.value };
      case "bearer":
        return { authorization: `Bearer ${given.key}` };
      case "none":
        return {};
      default:
        return assertNever(given);
    }
  }

  /** Any request, any answer. */
  raw(method: string, path: string, body?: unknown, { idempotencyKey, timeoutMs }: Options = {}): Promise<HttpAnswer> {
    const headers = { ...this.headers(), ...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }) };
    return this.http.send({ method, path, headers, body: body === undefined ? undefined : JSON.stringify(body), timeoutMs });
  }

  /** @throws {ApiRefused} */
  async ask<S extends z.ZodType>(
    schema: S,
    method: string,
    path: string,
    body?: unknown,
    options?: Options,
  ): Promise<z.infer<S>> {
    const answer = await this.raw(method, path, body, options);
    if (answer.status >= 300) throw new ApiRefused(`${method} ${path}`, answer);
    return schema.parse(answer.text === "" ? undefined : parseJson(answer.text));
  }

  /** A ticket for a room's socket. */
  ticket(party: Party, room: string): Promise<Ticket> {
    const schema = z.object({ url: z.string(), ticket: z.string() });
    return this.ask(schema, "POST", "/api/rooms/tickets", { party, room });
  }

  async createApiKey(): Promise<ApiClient> {
    const { key } = await this.ask(z.object({ key: z.string() }), "POST", "/api/me/api-keys", { name: "script" });
    return new ApiClient(this.http, { kind: "bearer", key }, this.person);
  }

  createCompany(name: string): Promise<{ id: string }> {
    return this.ask(withId, "POST", "/api/companies", { name });
  }

  /** The link of a new invite. */
  async invite(company: string, role: string): Promise<string> {
    const { link } = await this.ask(z.object({ link: z.string() }), "POST", `/api/companies/${company}/invites`, { role });
    return link;
  }

  async removeMember(company: string, person: string): Promise<void> {
    await this.ask(anything, "DELETE", `/api/companies/${company}/members/${person}`);
  }

  async agents(company: string): Promise<{ id: string; name: string }[]> {
    const schema = z.object({ items: z.array(z.object({ id: z.string(), name: z.string() })) });
    return (await this.ask(schema, "GET", `/api/companies/${company}/agents`)).items;
  }

  /** Asks an agent to work and tells the id of the run. */
  async wake(company: string, agent: string, prompt: string, options?: Options): Promise<string> {
    const path = `/api/companies/${company}/agents/${agent}/wake`;
    return (await this.ask(z.object({ runId: z.string() }), "POST", path, { prompt }, options)).runId;
  }

  run(company: string, id: string): Promise<z.infer<typeof run>> {
    return this.ask(run, "GET", `/api/companies/${company}/runs/${id}`);
  }

  /** Every event of a run, page by page. */
  async runEvents(company: string, id: string): Promise<RoomEvent[]> {
    const schema = z.object({ items: z.array(event), nextCursor: z.union([z.string(), z.number()]).nullish() }).loose();
    const events: RoomEvent[] = [];
    for (;;) {
      const after = events.at(-1)?.seq ?? 0;
      const page = await this.ask(schema, "GET", `/api/companies/${company}/runs/${id}/events?after=${after}&limit=200`);
      events.push(...page.items);
      if (page.items.length === 0) return events;
    }
  }

  approvals(company: string): Promise<{ items: z.infer<typeof approval>[]; stale?: true | undefined }> {
    const schema = z.object({ items: z.array(approval), stale: z.literal(true).optional() });
    return this.ask(schema, "GET", `/api/companies/${company}/approvals`);
  }

  /** Decides an approval by what it is now. */
  async decide(company: string, id: string, decision: "allow" | "deny", options?: Options): Promise<void> {
    const path = `/api/companies/${company}/approvals/${id}`;
    const { version, digest } = await this.ask(approval, "GET", path);
    await this.ask(anything, "POST", `${path}/decisions`, { decision, version, digest }, options);
  }

  createSession(company: string, agentId: string): Promise<{ id: string }> {
    return this.ask(withId, "POST", `/api/companies/${company}/sessions`, { agentId, title: "A conversation" });
  }

  /** Posts a message; resolves when the room has stored it. */
  async post(company: string, session: string, text: string, options?: Options): Promise<void> {
    await this.ask(anything, "POST", `/api/companies/${company}/sessions/${session}/messages`, { text }, options);
  }

  /** From here on a person answers, and messages wake nobody. */
  async takeOver(company: string, session: string): Promise<void> {
    await this.ask(anything, "POST", `/api/companies/${company}/sessions/${session}/take-over`);
  }

  /** The newest messages; `stale` while the room is away and only the archive answers. */
  messages(company: string, session: string): Promise<{ items: z.infer<typeof message>[]; stale?: true | undefined }> {
    const schema = z.object({ items: z.array(message), stale: z.literal(true).optional() });
    return this.ask(schema, "GET", `/api/companies/${company}/sessions/${session}/messages?limit=200`);
  }
}

type Settled<T> = { kind: "done"; value: T } | { kind: "refused"; error: ApiRefused };

/** Repeats a request while the server cannot be reached or says that it may be repeated. @throws {ApiRefused} for a real no */
export async function insist<T>(what: string, request: () => Promise<T>, withinMs = 20_000): Promise<T> {
  const attempt = async (): Promise<Settled<T>> => {
    try {
      return { kind: "done", value: await request() };
    } catch (error) {
      const final = error instanceof ApiRefused && error.status < 500 && error.status !== 429;
      if (final) return { kind: "refused", error };
      throw error;
    }
  };
  const settled = await until(what, attempt, withinMs);
  if (settled.kind === "refused") throw settled.error;
  return settled.value;
}

/** The token of an owner link or an invite link: whatever stands behind its last separator. */
function tokenOf(link: string | undefined): string | undefined {
  return link && /[^/#=]+$/.exec(link)?.[0];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
