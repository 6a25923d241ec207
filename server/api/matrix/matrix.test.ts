import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { atLeast, ROLES } from "../../../party/protocol/roles.ts";
import { PARTIES } from "../../../party/protocol/tickets.ts";
import { type DeclaredRoute, declaredRoutes } from "../route.ts";
import { type Reply, TestApp, text } from "../test-app.ts";
import { readDocument, sampleRequest } from "./sample.ts";
import { type Ids, makeWorld, OUTSIDERS, type Who, type World } from "./world.ts";

const listing = await TestApp.open();
const routes = declaredRoutes(listing.app);
const api = readDocument((await listing.call("GET", "/api/openapi.json")).body);
await listing.close();

let world: World;

/** How a request answers, without what differs between any two requests. */
function shown({ status, text: body }: Reply): string {
  return `${status} ${body.replace(/"requestId":"[^"]*"/, "")}`;
}

type Asker = (method: string, path: string, call: { body?: unknown }) => Promise<Reply>;

/** Asks for a route with these ids in its path and in its body. */
function ask(who: Asker, { method, path }: DeclaredRoute, ids: Ids): Promise<Reply> {
  const { body, query } = sampleRequest(api, method, path, ids);
  const filled = path.replace(/:(\w+)/g, (_all, name: string) => ids[name] ?? "nothing");
  return who(method, filled + query, { body });
}

const anonymous: Asker = (method, path, call) => world.app.call(method, path, call);
const forPeople = routes.filter(({ policy }) => policy?.auth === "person" || policy?.auth === "browser");
const ofCompanies = forPeople.filter(({ policy }) => policy?.scope === "company");
const title = ({ method, path }: DeclaredRoute) => `${method} ${path}`;
const named = (list: readonly DeclaredRoute[]) => list.map((route) => [title(route), route] as const);

describe("who may ask for what of a company", () => {
  // A world each: what people do to one route's things must not change what the next one meets. Side by side, because
  // most of the time goes into waiting for rooms that are away.
  test.concurrent.each(named(ofCompanies))("%s", async (_name, route) => {
    const own = await makeWorld();
    const { people, ids } = own;
    const by =
      (who: Who): Asker =>
      (method, path, call) =>
        people[who].call(method, path, call);
    const least = route.policy?.minRole ?? "owner";

    const noCredential: Asker = (method, path, call) => own.app.call(method, path, call);
    expect(await ask(noCredential, route, ids.own)).toMatchObject({ status: 401 });

    const nothing = shown(await ask(by("stranger"), route, ids.missing));
    expect(nothing).toMatch(/^404 .*"not_found"/);
    for (const outsider of OUTSIDERS) {
      expect([outsider, shown(await ask(by(outsider), route, ids.own))]).toEqual([outsider, nothing]);
    }

    /** Somebody did it already: who comes later may find the thing gone. */
    let done = false;
    for (const role of ROLES) {
      // Theirs and nobody's answer alike: as a whole, and as single things asked for under the own company.
      expect([role, shown(await ask(by(role), route, ids.foreign))]).toEqual([role, nothing]);
      if (namesMore(route)) {
        const companyId = ids.own.companyId ?? "";
        const foreign = await ask(by(role), route, { ...ids.foreign, companyId });
        const missing = await ask(by(role), route, { ...ids.missing, companyId });
        expect([role, shown(foreign)]).toEqual([role, shown(missing)]);
        expect(foreign.status).toBeGreaterThanOrEqual(400);
      }

      const reply = await ask(by(role), route, ids.own);
      if (atLeast(role, least)) {
        expect([401, 403, 500]).not.toContain(reply.status);
        // Open questions live in rooms only, and these rooms are away; an upload is there for its person alone.
        if (!done && !/:questionId|:uploadId/.test(route.path)) expect([role, reply.status]).not.toEqual([role, 404]);
        done ||= reply.status < 300;
      } else {
        expect([role, reply.status, code(reply)]).toEqual([role, 403, "forbidden"]);
      }
    }
    await own.app.close();
  });
});

describe("what belongs to the caller", () => {
  beforeAll(async () => {
    world = await makeWorld();
  });
  afterAll(() => world.app.close());

  test.each(named(forPeople))("%s: nobody without a credential", async (_name, route) => {
    expect(await ask(anonymous, route, world.ids.own)).toMatchObject({
      status: 401,
      body: { error: { code: "unauthenticated" } },
    });
    const forged: Asker = (method, path, call) =>
      world.app.call(method, path, {
        ...call,
        headers: { cookie: "atrium_session=forged", "x-forwarded-user": "u_1", "x-atrium-key": "1" },
      });
    expect(await ask(forged, route, world.ids.own)).toMatchObject({ status: 401 });
  });

  test.each(named(forPeople.filter(({ policy }) => policy?.auth === "browser")))(
    "%s: not with an API key",
    async (_name, route) => {
      const made = await world.people.owner.call("POST", "/api/me/api-keys", { body: { name: "matrix" } });
      const headers = { authorization: `Bearer ${text(made.body, "key")}` };
      const asker: Asker = (method, path, call) => world.app.call(method, path, { ...call, headers });
      expect(await ask(asker, route, world.ids.own)).toMatchObject({ status: 403 });
    },
  );

  test("another person's key cannot be told from one that does not exist", async () => {
    const remove = (keyId: string | undefined) => world.people.member.call("DELETE", `/api/me/api-keys/${keyId}`);
    expect(shown(await remove(world.ids.own.keyId))).toBe(shown(await remove(world.ids.missing.keyId)));
    expect((await remove(world.ids.own.keyId)).status).toBe(404);
  });

  test("lists show one's own companies only", async () => {
    const { body } = await world.people.member.call("GET", "/api/companies");
    expect(JSON.stringify(body)).toContain(world.ids.own.companyId);
    expect(JSON.stringify(body)).not.toContain(world.ids.foreign.companyId);
  });
});

describe("the installation", () => {
  const ofInstance = forPeople.filter(({ policy }) => policy?.scope === "instance");

  // A world each: some of these routes sign people out.
  test.concurrent.each(named(ofInstance))("%s: its owners only", async (_name, route) => {
    const { app, people, ids } = await makeWorld();
    const by =
      (who: Who): Asker =>
      (...call) =>
        people[who].call(...call);
    for (const who of [...ROLES, ...OUTSIDERS]) {
      const reply = await ask(by(who), route, ids.own);
      // Whoever set this instance up also owns the company. Owners of other companies own only those.
      if (who === "owner") expect([401, 403, 500]).not.toContain(reply.status);
      else expect([who, reply.status, code(reply)]).toEqual([who, 403, "forbidden"]);
    }
    if (route.path.includes(":")) expect((await ask(by("owner"), route, ids.missing)).status).toBe(404);
    await app.close();
  });
});

describe("tickets", () => {
  const room = { company: "companyId", agent: "agentId", session: "sessionId" } as const;

  beforeAll(async () => {
    world = await makeWorld();
  });
  afterAll(() => world.app.close());

  test.each(PARTIES)("of a %s room go to members only", async (party) => {
    const { people, ids } = world;
    const asked = (who: Asker, target: keyof World["ids"]) =>
      who("POST", "/api/rooms/tickets", { body: { party, room: ids[target][room[party]] } });
    const nothing = shown(await asked((...call) => people.owner.call(...call), "missing"));
    expect(nothing).toMatch(/^404/);
    expect(await asked(anonymous, "own")).toMatchObject({ status: 401 });
    for (const outsider of OUTSIDERS)
      expect(shown(await asked((...call) => people[outsider].call(...call), "own"))).toBe(nothing);
    for (const role of ROLES) {
      const asker: Asker = (...call) => people[role].call(...call);
      expect([role, (await asked(asker, "own")).status]).toEqual([role, 200]);
      expect(shown(await asked(asker, "foreign"))).toBe(nothing);
    }
  });

  test.each(["co_%2e%2e", "company:x", "ｃo_x", "x".repeat(10_000), "../co", "", "co_x."])(
    "no ticket for the name %s",
    async (name) => {
      const reply = await world.people.owner.call("POST", "/api/rooms/tickets", { body: { party: "company", room: name } });
      expect([400, 404]).toContain(reply.status);
    },
  );
});

/** True for a route that names a thing beside its company. */
function namesMore({ path }: DeclaredRoute): boolean {
  return path.slice("/api/companies/:companyId".length).includes(":");
}

function code({ body }: Reply): string {
  return text(body, "error", "code");
}
