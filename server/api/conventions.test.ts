import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readDocument } from "./matrix/sample.ts";
import { declaredRoutes } from "./route.ts";
import { TestApp, type TestPerson, text } from "./test-app.ts";

let app: TestApp;
let ana: TestPerson;

beforeAll(async () => {
  app = await TestApp.open({ env: { ATRIUM_METRICS_TOKEN: "metrics-token-0001" } });
  ana = await app.person("Ana");
});
afterAll(() => app.close());

/** Routes that change something by GET, or nothing by POST, and why. */
const UNLIKE_THEIR_METHOD = new Map([
  // A pattern in the making may be long; it is compared with what was asked before, and nothing is stored.
  ["/api/companies/:companyId/approvals/:approvalId/coverage", false],
  // A ticket is signed and not stored.
  ["/api/rooms/tickets", false],
  // The token goes in the body, where no log sees it.
  ["/api/auth/reset/preview", false],
  // A provider sends the browser here; the state, good once in that browser, keeps others from doing so.
  ["/api/auth/oidc/:provider/callback", true],
]);

describe("routes", () => {
  test("every route declares its policy", () => {
    const all = [...declaredRoutes(app.app), ...declaredRoutes(app.internal)];
    expect(all.length).toBeGreaterThan(25);
    expect(all.filter(({ policy }) => policy === undefined).map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  });

  test("a policy makes sense: what is under a company asks for a role, what is internal is not public", () => {
    for (const { method, path, policy } of declaredRoutes(app.app)) {
      if (path.startsWith("/api/companies/:companyId")) expect([path, policy?.scope, policy?.minRole]).not.toContain(null);
      if (path.startsWith("/api/companies/:companyId")) expect([path, policy?.scope]).toEqual([path, "company"]);
      expect([method, path, policy?.mutates]).toEqual([method, path, UNLIKE_THEIR_METHOD.get(path) ?? method !== "GET"]);
      expect(policy?.auth).not.toBe("internal");
      expect(path).not.toMatch(/^\/internal/);
    }
    for (const { path, policy } of declaredRoutes(app.internal))
      expect([path, policy?.auth]).toContainEqual(expect.stringMatching(/^(internal|run)$/));
  });

  test("the OpenAPI document tells of every route of the API", async () => {
    const { body } = await app.call("GET", "/api/openapi.json");
    expect(body).toMatchObject({ openapi: "3.1.0", info: { title: "Atrium" } });
    const paths = Object.keys(readDocument(body).paths).map((path) => path.replace(/\{(\w+)\}/g, ":$1"));
    const declared = new Set(declaredRoutes(app.app).map(({ path }) => path));
    // Metrics have a form of their own, and what stands in a frame is for browsers.
    const apart = (path: string): boolean => path.endsWith(".json") || path === "/metrics" || path.startsWith("/artifacts/");
    const missing = [...declared].filter((path) => !paths.includes(path) && !apart(path));
    expect(missing).toEqual([]);
  });
});

describe("requests", () => {
  const body = { name: "Nordlys" };

  test("another site's page changes nothing", async () => {
    const foreign: Record<string, string>[] = [
      { "sec-fetch-site": "cross-site" },
      { origin: "https://evil.example" },
      { origin: "null" },
    ];
    for (const headers of foreign) {
      expect(await ana.call("POST", "/api/companies", { body, headers })).toMatchObject({
        status: 403,
        body: { error: { code: "cross_site" } },
      });
    }
    const own = { origin: "http://127.0.0.1:3000", "sec-fetch-site": "same-origin" };
    expect(await ana.call("POST", "/api/companies", { body, headers: own })).toMatchObject({ status: 201 });
  });

  test("only JSON is taken", async () => {
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "application/jsonx",
    ]) {
      const headers = { "content-type": type };
      expect(await ana.call("POST", "/api/companies", { body, headers })).toMatchObject({ status: 415 });
    }
    expect(await ana.call("POST", "/api/companies")).toMatchObject({ status: 400 });
  });

  test("broken JSON, prototypes and deep nests are refused with a sentence, and do no harm", async () => {
    const send = (raw: string) =>
      app.app.request("http://127.0.0.1:3000/api/companies", {
        method: "POST",
        headers: { "content-type": "application/json", cookie: ana.cookie, host: "127.0.0.1:3000" },
        body: raw,
      });
    for (const raw of ["{", "", "null", "[]", `${"[".repeat(100_000)}${"]".repeat(100_000)}`]) {
      expect((await send(raw)).status).toBe(400);
    }
    expect((await send('{"name":"P","__proto__":{"polluted":true}}')).status).toBe(201);
    expect("polluted" in {}).toBe(false);
  });

  test("a body over the limit is refused, whatever length it claims", async () => {
    expect(await ana.call("POST", "/api/companies", { body: { name: "x".repeat(1024 * 1024) } })).toMatchObject({ status: 413 });
  });

  test("an unknown path is not found, for programs in JSON", async () => {
    for (const path of ["/api/nothing", "/internal/archive", "/parties/main/co_x", "/api/companies/%2e%2e/x"]) {
      expect(await ana.call("GET", path)).toMatchObject({ status: 404, body: { error: { code: "not_found" } } });
    }
  });

  test("each answer names its request; a name that could harm a log is replaced", async () => {
    const named = await app.call("GET", "/api/me", { headers: { "x-request-id": "request-0001" } });
    expect(named.headers.get("x-request-id")).toBe("request-0001");
    expect(text(named.body, "error", "requestId")).toBe("request-0001");
    const odd = await app.call("GET", "/api/me", { headers: { "x-request-id": "a\tb; drop" } });
    expect(odd.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("refusals carry the same protecting headers as answers", async () => {
    for (const path of ["/api/me", "/api/nothing", "/healthz"]) {
      const { headers } = await app.call("GET", path);
      expect(headers.get("content-security-policy")).toContain("script-src 'self'");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("x-frame-options")).toBe("DENY");
    }
    expect((await ana.call("GET", "/api/me")).headers.get("cache-control")).toBe("no-store");
  });

  test("no origin is ever allowed to read answers across sites", async () => {
    const { headers } = await ana.call("GET", "/api/me", { headers: { origin: "https://evil.example" } });
    expect(headers.get("access-control-allow-origin")).toBeNull();
  });
});

describe("Idempotency-Key", () => {
  const post = (key: string, name: string, person = ana) =>
    person.call("POST", "/api/companies", { body: { name }, headers: { "idempotency-key": key } });

  test("a repeat gets the first answer and does nothing", async () => {
    const first = await post("key-1", "Once");
    const again = await post("key-1", "Once");
    expect(first.status).toBe(201);
    expect([again.status, again.text]).toEqual([201, first.text]);
    expect(again.headers.get("idempotent-replay")).toBe("true");
    const { rows } = await app.services.read.execute("SELECT count(*) AS n FROM companies WHERE name = 'Once'");
    expect(rows[0]?.n).toBe(1);
  });

  test("another body is refused", async () => {
    await post("key-2", "One");
    expect(await post("key-2", "Two")).toMatchObject({ status: 422, body: { error: { code: "idempotency_mismatch" } } });
  });

  test("of many at once one is done; the others get its answer or are told to wait", async () => {
    const replies = await Promise.all(Array.from({ length: 10 }, () => post("key-3", "Race")));
    expect(replies.filter(({ status, headers }) => status === 201 && !headers.has("idempotent-replay"))).toHaveLength(1);
    expect(replies.every(({ status }) => status === 201 || status === 409)).toBe(true);
  });

  test("it belongs to one person", async () => {
    const company = text((await post("key-4", "Mine")).body, "id");
    const cai = await ana.invite("Cai", company, "viewer");
    expect(text((await post("key-4", "Mine", cai)).body, "id")).not.toBe(company);
  });

  test("a refusal is kept too; a failure of ours is not", async () => {
    expect((await post("key-5", "")).status).toBe(400);
    expect((await post("key-5", "")).headers.get("idempotent-replay")).toBe("true");
  });

  test("a secret is not kept for a repeat", async () => {
    const make = () => ana.call("POST", "/api/me/api-keys", { body: { name: "k" }, headers: { "idempotency-key": "key-6" } });
    expect((await make()).status).toBe(201);
    expect(await make()).toMatchObject({ status: 409, body: { error: { code: "shown_once" } } });
  });
});

describe("operations", () => {
  test("alive, and honest about what is missing", async () => {
    expect(await app.call("GET", "/healthz")).toMatchObject({ status: 200, body: { ok: true } });
    expect(await app.call("GET", "/readyz")).toMatchObject({
      status: 503,
      body: { ready: false, checks: { database: { ok: true }, disk: { ok: true }, rooms: { ok: false }, runner: { ok: false } } },
    });
  });

  test("metrics ask for their token, and name routes instead of paths", async () => {
    expect(await app.call("GET", "/metrics")).toMatchObject({ status: 401 });
    const { status, text: page } = await app.call("GET", "/metrics", { headers: { authorization: "Bearer metrics-token-0001" } });
    expect(status).toBe(200);
    expect(page).toContain('atrium_http_request_seconds_count{method="POST",route="/api/companies",status="201"}');
    expect(page).not.toMatch(/co_[0-9a-z]{26}/);
    expect(page).toContain("atrium_outbox_rows");
  });

  test("without a token metrics answer on loopback only, and not to what a proxy forwards", async () => {
    const open = await TestApp.open();
    expect(await open.call("GET", "/metrics")).toMatchObject({ status: 200 });
    expect(await open.call("GET", "/metrics", { address: "203.0.113.1" })).toMatchObject({ status: 404 });
    expect(await open.call("GET", "/metrics", { headers: { "x-forwarded-for": "203.0.113.1" } })).toMatchObject({ status: 404 });
    await open.close();
  });

  test("the internal listener takes signed requests only", async () => {
    for (const { method, path, policy } of declaredRoutes(app.internal)) {
      if (policy?.auth !== "internal") continue;
      const response = await app.internal.request(`http://127.0.0.1:9${path.replace(/:\w+/g, "x")}`, {
        method,
        body: method === "GET" ? undefined : "{}",
      });
      expect([path, response.status]).toEqual([path, 401]);
    }
  });
});
