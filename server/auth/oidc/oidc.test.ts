import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CLIENT_ID, CLIENT_SECRET, FakeOpenIdProvider } from "../../../e2e/fakes/oidc.ts";
import { FakeMailServer } from "../../../e2e/fakes/smtp.ts";
import { type Reply, TestApp, type TestPerson, text } from "../../api/test-app.ts";

const ORIGIN = "http://127.0.0.1:3000";
const PASSWORD = "a long password";

let provider: FakeOpenIdProvider;
let app: TestApp;
let ana: TestPerson;
let company: string;
let now = Date.now();

beforeAll(async () => {
  provider = await FakeOpenIdProvider.start();
});
afterAll(() => provider.stop());
beforeEach(async () => {
  now = Date.now();
  const of = (name: string) => ({
    [`ATRIUM_OIDC_${name}_ISSUER`]: provider.issuer,
    [`ATRIUM_OIDC_${name}_CLIENT_ID`]: CLIENT_ID,
    [`ATRIUM_OIDC_${name}_CLIENT_SECRET`]: CLIENT_SECRET,
  });
  app = await TestApp.open({ clock: { now: () => now }, env: { ...of("GOOGLE"), ...of("MICROSOFT") } });
  ana = await app.person("Ana");
  company = await ana.makeCompany("Norden");
});
afterEach(() => app.close());

/** A browser: it keeps the cookies of Atrium and of the provider apart. */
class Browser {
  readonly #own = new Map<string, string>();

  constructor(cookie = "") {
    if (cookie) this.#own.set(cookie.split("=")[0] ?? "", cookie.slice(cookie.indexOf("=") + 1));
  }

  async call(method: string, path: string, body?: unknown): Promise<Reply> {
    const cookie = [...this.#own].map(([name, value]) => `${name}=${value}`).join("; ");
    const reply = await app.call(method, path, { body, headers: { cookie } });
    for (const line of reply.headers.getSetCookie()) {
      const [pair = ""] = line.split(";", 1);
      this.#own.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
    }
    return reply;
  }

  /** Begins, goes through the provider's pages, and tells with which address of ours it is sent back. */
  async wayBack(path: string, body: object | undefined): Promise<string> {
    return walk(text((await this.call("POST", path, body)).body, "url"));
  }

  /** The whole way; where it ends. */
  async signIn(name = "google", body: object = {}): Promise<string> {
    return this.arrive(await this.wayBack(`/api/auth/oidc/${name}/start`, body));
  }

  async arrive(back: string): Promise<string> {
    const reply = await this.call("GET", back);
    expect(reply.status).toBe(302);
    return reply.headers.get("location") ?? "";
  }

  async me(): Promise<unknown> {
    const { status, body } = await this.call("GET", "/api/me");
    return status === 200 ? body : status;
  }
}

/** Follows the provider's redirects, as a browser would, until it sends us home. */
async function walk(from: string): Promise<string> {
  const jar = new Map<string, string>();
  for (let url = from, hops = 0; hops < 12; hops++) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { redirect: "manual", headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ""] = line.split(";", 1);
      jar.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
    }
    const next = new URL(response.headers.get("location") ?? "", url).href;
    if (next.startsWith(ORIGIN)) return next.slice(ORIGIN.length);
    if (next === url) throw new Error(`the provider answered ${response.status}: ${await response.text()}`);
    url = next;
  }
  throw new Error("the provider goes round in circles");
}

const invite = async (body: object = { role: "member" }): Promise<string> =>
  text((await ana.call("POST", `/api/companies/${company}/invites`, { body })).body, "token");
const problem = (code: string, page = "/sign-in", name = "google") =>
  `${page}${page.includes("?") ? "&" : "?"}problem=${code}&provider=${name}`;

describe("who has no account", () => {
  test("joins with an invite, without a password, and comes back without one", async () => {
    provider.user = { sub: "g-bo", name: "Bo Berg", email: "Bo@Example.com", email_verified: true };
    const bo = new Browser();
    expect(await bo.signIn("google", { invite: await invite(), timezone: "Europe/Oslo", next: "/c/x" })).toBe("/c/x");
    expect(await bo.me()).toMatchObject({ user: { name: "Bo Berg", email: "bo@example.com", timezone: "Europe/Oslo" } });
    expect(await bo.call("GET", `/api/companies/${company}`)).toMatchObject({ body: { role: "member" } });

    const again = new Browser();
    provider.user = { ...provider.user, email: "moved@example.com", email_verified: false };
    expect(await again.signIn(), "the provider's id counts, not the address").toBe("/");
    expect(await again.me()).toMatchObject({ user: { email: "bo@example.com" } });
    const guessed = { email: "bo@example.com", password: "none" };
    expect(await app.call("POST", "/api/auth/sign-in", { body: guessed })).toMatchObject({ status: 401 });
  });

  test("needs an invite", async () => {
    provider.user = { sub: "g-eve", name: "Eve", email: "eve@example.com", email_verified: true };
    const eve = new Browser();
    expect(await eve.signIn()).toBe(problem("oidc_no_invite"));
    expect(await eve.me()).toBe(401);
  });

  test("is sent back to the invite when it is closed, or for another address", async () => {
    provider.user = { sub: "g-cleo", name: "Cleo", email: "cleo@example.com", email_verified: true };
    const forDana = await invite({ role: "member", email: "dana@example.com" });
    const page = `/join?invite=${forDana}`;
    expect(await new Browser().signIn("google", { invite: forDana })).toBe(problem("invite_for_another", page));
  });

  test("an address the provider has not verified makes no account", async () => {
    provider.user = { sub: "g-x", name: "X", email: "x@example.com", email_verified: false };
    const token = await invite();
    expect(await new Browser().signIn("google", { invite: token })).toBe(problem("oidc_unverified", `/join?invite=${token}`));
  });

  test("a work account of Microsoft, whose address nobody vouches for, may use an open invite and not a personal one", async () => {
    provider.user = { sub: "m-1", name: "Mia", email: "mia@example.com" };
    const personal = await invite({ role: "member", email: "mia@example.com" });
    const page = `/join?invite=${personal}`;
    expect(await new Browser().signIn("microsoft", { invite: personal })).toBe(problem("oidc_unverified", page, "microsoft"));
    const mia = new Browser();
    expect(await mia.signIn("microsoft", { invite: await invite() })).toBe("/");
    expect(await mia.me()).toMatchObject({ user: { name: "Mia" } });
  });
});

describe("whose address has an account already", () => {
  test("an unverified address equal to an owner's opens nothing and links nothing", async () => {
    provider.user = { sub: "g-evil", name: "Ana", email: ana.email, email_verified: false };
    const eve = new Browser();
    expect(await eve.signIn()).toBe(problem("oidc_unverified"));
    expect(await eve.signIn("google", { invite: await invite() })).toMatch(/problem=oidc_unverified/);
    provider.user = { sub: "m-evil", name: "Ana", email: ana.email };
    expect(await eve.signIn("microsoft")).toBe(problem("oidc_address_taken", "/sign-in", "microsoft"));
    expect(await eve.me()).toBe(401);
    expect(await ana.call("GET", "/api/me/ways-in")).toMatchObject({ body: { linked: [] } });
  });

  test("a verified one is not enough either, while the account here never proved its own", async () => {
    provider.user = { sub: "g-ana", name: "Ana", email: ana.email, email_verified: true };
    expect(await new Browser().signIn()).toBe(problem("oidc_address_taken"));
  });

  test("when both sides have proved it, they are one person", async () => {
    provider.user = { sub: "g-ana", name: "Ana", email: ana.email, email_verified: true };
    await app.services.write(({ now: at }) => [{ sql: "UPDATE users SET email_verified_at = ?", args: [at] }]);
    const browser = new Browser();
    expect(await browser.signIn()).toBe("/");
    expect(await browser.me()).toMatchObject({ user: { id: ana.id } });
  });
});

describe("linking", () => {
  const link = async (browser: Browser, name = "google") =>
    browser.arrive(await browser.wayBack(`/api/me/linked/${name}/start`, undefined));

  test("a signed-in person links, signs in with it, and removes it", async () => {
    provider.user = { sub: "g-ana", email: "ana.private@example.com", email_verified: false };
    const browser = new Browser(ana.cookie);
    expect(await link(browser)).toBe("/account?linked=google");
    expect(await link(browser), "again changes nothing").toBe("/account?linked=google");
    const elsewhere = new Browser();
    expect(await elsewhere.signIn()).toBe("/");
    expect(await elsewhere.me()).toMatchObject({ user: { id: ana.id } });

    const ways = await ana.call("GET", "/api/me/ways-in");
    expect(ways.body).toMatchObject({ password: true, linked: [{ provider: "google", email: "ana.private@example.com" }] });
    const { rows } = await app.services.read.execute("SELECT id FROM linked_sign_ins");
    expect(await ana.call("DELETE", `/api/me/linked/${rows[0]?.id}`)).toMatchObject({ status: 204 });
    expect(await new Browser().signIn()).toMatch(/problem=oidc_unverified/);
  });

  test("what belongs to one account is not taken over by another", async () => {
    provider.user = { sub: "g-ana", email: "a@example.com", email_verified: true };
    await link(new Browser(ana.cookie));
    const bo = await ana.invite("Bo", company, "member");
    expect(await link(new Browser(bo.cookie))).toBe(problem("oidc_linked_elsewhere", "/account"));
  });

  test("signed out in between, nothing is linked", async () => {
    provider.user = { sub: "g-ana", email: "a@example.com", email_verified: true };
    const browser = new Browser(ana.cookie);
    const back = await browser.wayBack("/api/me/linked/google/start", undefined);
    await ana.call("POST", "/api/auth/sign-out");
    expect(await browser.arrive(back)).toBe(problem("oidc_stale"));
  });

  test("the only way in stays", async () => {
    provider.user = { sub: "g-only", name: "Only", email: "only@example.com", email_verified: true };
    const browser = new Browser();
    await browser.signIn("google", { invite: await invite() });
    const { rows } = await app.services.read.execute("SELECT id FROM linked_sign_ins");
    const path = `/api/me/linked/${rows[0]?.id}`;
    expect(await browser.call("DELETE", path)).toMatchObject({ status: 409, body: { error: { code: "last_way_in" } } });
    expect(await browser.call("PATCH", "/api/me", { password: PASSWORD })).toMatchObject({ status: 200 });
    expect(await browser.call("DELETE", path)).toMatchObject({ status: 204 });
  });

  test("without a password a sign-in of the last quarter of an hour is the proof", async () => {
    provider.user = { sub: "g-late", name: "Late", email: "late@example.com", email_verified: true };
    const browser = new Browser();
    await browser.signIn("google", { invite: await invite() });
    now += 16 * 60_000;
    const refused = await browser.call("PATCH", "/api/me", { password: PASSWORD });
    expect(refused).toMatchObject({ status: 403, body: { error: { code: "sign_in_again" } } });
  });
});

describe("the way back", () => {
  beforeEach(async () => {
    provider.user = { sub: "g-ana", email: ana.email, email_verified: true };
    await app.services.write(({ now: at }) => [{ sql: "UPDATE users SET email_verified_at = ?", args: [at] }]);
  });

  test("is good once", async () => {
    const browser = new Browser();
    const back = await browser.wayBack("/api/auth/oidc/google/start", {});
    expect(await browser.arrive(back)).toBe("/");
    expect(await browser.arrive(back), "replayed").toBe(problem("oidc_stale"));
  });

  test("is good in the browser that began only: nobody is signed in as somebody else by a link", async () => {
    const eve = new Browser();
    const back = await eve.wayBack("/api/auth/oidc/google/start", {});
    const victim = new Browser();
    expect(await victim.arrive(back)).toBe(problem("oidc_stale"));
    expect(await victim.me()).toBe(401);
    const other = new Browser();
    await other.wayBack("/api/auth/oidc/google/start", {});
    expect(await other.arrive(back), "one that has begun something of its own").toBe(problem("oidc_stale"));
    expect(await eve.arrive(back), "and a try elsewhere does not spoil it").toBe("/");
  });

  test("is good for the provider it was begun at, for five minutes", async () => {
    const browser = new Browser();
    const back = await browser.wayBack("/api/auth/oidc/google/start", {});
    expect(await browser.arrive(back.replace("/google/", "/microsoft/"))).toBe(problem("oidc_stale", "/sign-in", "microsoft"));
    const late = await browser.wayBack("/api/auth/oidc/google/start", {});
    now += 5 * 60_000;
    expect(await browser.arrive(late)).toBe(problem("oidc_stale"));
  });

  test("two tabs do not disturb each other", async () => {
    const browser = new Browser();
    const first = await browser.wayBack("/api/auth/oidc/google/start", { next: "/first" });
    const second = await browser.wayBack("/api/auth/oidc/google/start", { next: "/second" });
    expect(await browser.arrive(first)).toBe("/first");
    expect(await browser.arrive(second)).toBe("/second");
  });

  test("a made-up code, another provider's answer and a cancelled sign-in are told apart from success", async () => {
    const browser = new Browser();
    const back = await browser.wayBack("/api/auth/oidc/google/start", {});
    expect(await browser.arrive(back.replace(/code=[^&]+/, "code=made-up"))).toBe(problem("oidc_failed"));
    const other = await browser.wayBack("/api/auth/oidc/google/start", {});
    expect(await browser.arrive(other.replace(/iss=[^&]+/, "iss=https%3A%2F%2Fevil.example"))).toBe(problem("oidc_failed"));
    provider.cancels = true;
    expect(await browser.signIn()).toBe(problem("oidc_denied"));
    expect(await browser.me()).toBe(401);
  });

  test("leads nowhere else", async () => {
    for (const next of ["//evil.example", "https://evil.example", "/\\evil.example"]) {
      expect(await app.call("POST", "/api/auth/oidc/google/start", { body: { next } })).toMatchObject({ status: 400 });
    }
  });

  test("of somebody who was switched off says so", async () => {
    const browser = new Browser();
    await browser.signIn();
    await app.services.write(({ now: at }) => [{ sql: "UPDATE users SET disabled_at = ?", args: [at] }]);
    expect(await new Browser().signIn()).toBe(problem("disabled"));
  });
});

describe("an instance", () => {
  test("offers what is set up, and knows nothing of the rest", async () => {
    expect(await app.call("GET", "/api/auth/options")).toMatchObject({
      body: { providers: ["google", "microsoft"], mail: false },
    });
    const bare = await TestApp.open();
    expect(await bare.call("GET", "/api/auth/options")).toMatchObject({ body: { providers: [] } });
    expect(await bare.call("POST", "/api/auth/oidc/google/start", { body: {} })).toMatchObject({ status: 404 });
    await bare.close();
  });

  test("whose provider is away or is not who it says tells so in a sentence", async () => {
    const smtp = await FakeMailServer.start();
    for (const issuer of [smtp.url.replace("smtp", "http"), `${provider.issuer}/elsewhere`]) {
      const env = { ATRIUM_OIDC_GOOGLE_ISSUER: issuer, ATRIUM_OIDC_GOOGLE_CLIENT_ID: "x", ATRIUM_OIDC_GOOGLE_CLIENT_SECRET: "y" };
      const lost = await TestApp.open({ env });
      expect(await lost.call("POST", "/api/auth/oidc/google/start", { body: {} })).toMatchObject({
        status: 502,
        body: { error: { code: "oidc_failed" } },
      });
      await lost.close();
    }
    await smtp.stop();
  });
});
