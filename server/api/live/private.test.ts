import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { laneRoom } from "../../../party/protocol/lanes.ts";
import { type TestPerson, text } from "../test-app.ts";
import { itemsOf, makeCompany, TestStack } from "./test-stack.ts";

/** Nobody but the named may read this anywhere. */
const SECRET = "salary";
const ASKS = `@say The ${SECRET} is 12345\n@tool shell {"command":"echo ${SECRET} > ${SECRET}.txt"}\n@say The ${SECRET} is noted`;

describe("a private conversation over real rooms and a real runner", () => {
  let stack: TestStack;
  let ana: TestPerson;
  let ben: TestPerson;
  let cleo: TestPerson;
  let company: string;
  let agent: string;
  let path: string;
  let talk: string;
  let version: number;

  const post = (person: TestPerson, words: string) =>
    person.call("POST", `${path}/sessions/${talk}/messages`, { body: { text: words } });
  const pendingOf = async (person: TestPerson) => itemsOf((await person.call("GET", `${path}/approvals?state=pending`)).body);
  const runsOf = async (person: TestPerson) => itemsOf((await person.call("GET", `${path}/runs?session=${talk}`)).body);
  const change = async (person: TestPerson, body: object) => {
    const reply = await person.call("PATCH", `${path}/sessions/${talk}`, { body: { version, ...body } });
    if (reply.status === 200) version += 1;
    return reply;
  };
  const rows = async (sql: string) => (await stack.app.services.read.execute(sql)).rows.map((row) => ({ ...row }));

  beforeAll(async () => {
    stack = await TestStack.open();
    ({ ana, company, agent, path } = await makeCompany(stack));
    ben = await ana.invite("Ben", company, "operator");
    // An owner is as much an outsider as anybody.
    cleo = await ana.invite("Cleo", company, "owner");
    await stack.startRunner();
    const made = await ana.call("POST", `${path}/sessions`, {
      body: { agentId: agent, title: `Our ${SECRET}`, private: true, people: [ben.id] },
    });
    expect(made).toMatchObject({ status: 201, body: { private: true, people: [{ name: "Ana" }, { name: "Ben" }] } });
    talk = text(made.body, "id");
    version = 1;
  });
  afterAll(() => stack.close());

  it("works with its agent, asks its people, and shows nobody else a word of it", async () => {
    const main = await stack.watch(cleo, "company", company);
    expect((await post(ana, ASKS)).status).toBe(201);
    const mine = await vi.waitUntil(async () => (await runsOf(ana))[0], { timeout: 10_000 });
    expect(mine).toMatchObject({ agent, session: talk, lane: talk });
    const run = text(mine, "id");

    const pending = await vi.waitUntil(async () => (await pendingOf(ben))[0], { timeout: 15_000 });
    expect(pending).toMatchObject({ run, runTitle: expect.stringContaining(SECRET), cause: { name: "Ana" } });
    const id = text(pending, "id");
    const body = { decision: "allow", version: 1, digest: text(pending, "digest") };
    expect(await pendingOf(cleo)).toEqual([]);
    for (const ask of [
      () => cleo.call("GET", `${path}/approvals/${id}`),
      () => cleo.call("POST", `${path}/approvals/${id}/decisions`, { body }),
      () => cleo.call("GET", `${path}/runs/${run}`),
      () => cleo.call("GET", `${path}/runs/${run}/events`),
      () => cleo.call("GET", `${path}/runs/${run}/export`),
      () => cleo.call("POST", `${path}/runs/${run}/cancel`),
      () => cleo.call("GET", `${path}/sessions/${talk}`),
      () => cleo.call("GET", `${path}/sessions/${talk}/messages`),
      () => cleo.call("POST", `${path}/sessions/${talk}/read`, { body: { seq: 1 } }),
      () => post(cleo, "hi"),
    ]) {
      expect((await ask()).status).toBe(404);
    }
    for (const [party, room] of [
      ["session", talk],
      ["agent", laneRoom(agent, talk)],
      ["company", laneRoom(company, talk)],
    ]) {
      expect((await cleo.call("POST", "/api/rooms/tickets", { body: { party, room } })).status).toBe(404);
    }
    expect((await ana.call("POST", "/api/rooms/tickets", { body: { party: "agent", room: laneRoom(agent, talk) } })).status).toBe(
      200,
    );

    const pattern = { ...body, remember: { pattern: { kind: "exact", text: "x" }, days: 7, scope: "agent" } };
    expect((await ben.call("POST", `${path}/approvals/${id}/decisions`, { body: pattern })).status).toBeGreaterThanOrEqual(400);
    expect(await ben.call("POST", `${path}/approvals/${id}/decisions`, { body })).toMatchObject({
      status: 200,
      body: { state: "allowed" },
    });
    await vi.waitUntil(async () => text((await ana.call("GET", `${path}/runs/${run}`)).body, "state") === "ended", {
      timeout: 15_000,
    });
    await vi.waitUntil(async () => text((await ana.call("GET", `${path}/approvals/${id}`)).body, "state") === "executed");
    await vi.waitUntil(async () =>
      itemsOf((await ben.call("GET", `${path}/sessions/${talk}/messages`)).body).some(
        (message) => text(message, "text") === `The ${SECRET} is noted`,
      ),
    );
    expect(itemsOf((await ben.call("GET", `${path}/search?q=${SECRET}`)).body)).not.toEqual([]);
    expect(itemsOf((await ben.call("GET", `${path}/sessions`)).body)).toMatchObject([{ id: talk, unread: expect.any(Number) }]);

    // Everything that Cleo can read, with an owner's rights.
    for (const list of ["sessions", "runs", "approvals", "questions", "agents", "activity", `search?q=${SECRET}`, "files"]) {
      const reply = await cleo.call("GET", `${path}/${list}`);
      expect([list, reply.status]).toEqual([list, 200]);
      expect([list, reply.text.includes(SECRET)]).toEqual([list, false]);
    }
    const states = await Promise.all([
      stack.app.services.rooms.state("company", company),
      stack.app.services.rooms.state("agent", agent),
    ]);
    for (const state of states) expect(JSON.stringify(state)).not.toContain(SECRET);
    expect(JSON.stringify(main.events)).not.toContain(SECRET);
    expect(JSON.stringify(main.events)).toContain("Working on a private conversation");
    expect(JSON.stringify(await rows("SELECT * FROM activity"))).not.toContain(SECRET);
    expect(JSON.stringify(await rows(`SELECT * FROM room_events WHERE room IN ('${company}', '${agent}')`))).not.toContain(
      SECRET,
    );
  });

  it("puts a person out at once who is not named any more, from the talk and from what the agent does for it", async () => {
    const [inTalk, inLane] = await Promise.all([
      stack.watch(ben, "session", talk),
      stack.watch(ben, "agent", laneRoom(agent, talk)),
    ]);
    expect((await change(ana, { people: [ana.id] })).status).toBe(200);
    await vi.waitUntil(() => !inTalk.isOpen() && !inLane.isOpen(), { timeout: 2_000 });
    expect((await ben.call("GET", `${path}/sessions/${talk}`)).status).toBe(404);
    expect((await runsOf(ben)).length).toBe(0);
    expect((await change(ana, { people: [ana.id, ben.id] })).status).toBe(200);
    expect((await ben.call("GET", `${path}/sessions/${talk}`)).status).toBe(200);
  });

  it("follows its agent: a pause, a stop of everything, its end", async () => {
    expect((await cleo.call("POST", `${path}/agents/${agent}/pause`)).status).toBe(200);
    const refused = async () =>
      itemsOf((await ana.call("GET", `${path}/sessions/${talk}/messages?limit=1`)).body).some((message) =>
        text(message, "text").includes("is paused"),
      );
    await vi.waitUntil(
      async () => (await stack.app.services.rooms.state("agent", laneRoom(agent, talk)))?.state.status.kind === "paused",
    );
    expect((await post(ana, "Are you there?")).status).toBe(201);
    await vi.waitUntil(refused);
    expect((await cleo.call("POST", `${path}/agents/${agent}/resume`)).status).toBe(200);
    await vi.waitUntil(
      async () => (await stack.app.services.rooms.state("agent", laneRoom(agent, talk)))?.state.status.kind === "ready",
    );

    expect((await post(ana, ASKS)).status).toBe(201);
    await vi.waitUntil(async () => (await pendingOf(ana)).length === 1, { timeout: 15_000 });
    expect((await cleo.call("POST", `${path}/stop-everything`)).status).toBe(202);
    await vi.waitUntil(async () => (await runsOf(ana)).every((run) => text(run, "state") === "ended"), { timeout: 5_000 });
    await vi.waitUntil(async () => (await pendingOf(ana)).length === 0);
    expect((await cleo.call("POST", `${path}/agents/${agent}/resume`)).status).toBe(200);

    const current = await ana.call("GET", `${path}/agents/${agent}`);
    expect(
      (await cleo.call("DELETE", `${path}/agents/${agent}`, { body: { version: Number(Object(current.body).version) } })).status,
    ).toBeLessThan(300);
    await vi.waitUntil(
      async () => (await stack.app.services.rooms.state("agent", laneRoom(agent, talk)))?.state.status.kind === "retired",
    );
  });

  it("is not opened again to somebody who left the company and came back", async () => {
    const other = text((await ana.call("POST", `${path}/agents`, { body: { name: "Second" } })).body, "id");
    const talk2 = text(
      (await ana.call("POST", `${path}/sessions`, { body: { agentId: other, private: true, people: [ben.id] } })).body,
      "id",
    );
    const seen = async () => (await ben.call("GET", `${path}/sessions/${talk2}/messages`)).status;
    expect(await seen()).toBe(200);
    expect((await ana.call("DELETE", `${path}/members/${ben.id}`)).status).toBe(204);
    const invite = text((await ana.call("POST", `${path}/invites`, { body: { role: "operator" } })).body, "token");
    expect((await ben.call("POST", "/api/invites/accept", { body: { invite } })).status).toBeLessThan(300);
    expect(await seen()).toBe(404);
    expect((await ana.call("GET", `${path}/sessions/${talk2}`)).body).toMatchObject({ people: [{ name: "Ana" }] });
    await vi.waitUntil(async () => (await stack.app.services.rooms.state("session", talk2))?.state.config?.people?.length === 1);
  });

  it("stays private: what few were told is not shown to all, nor hidden what all have read", async () => {
    expect(await change(ana, { private: false })).toMatchObject({ status: 422, body: { error: { code: "not_supported" } } });
    expect(await ana.call("POST", `${path}/sessions`, { body: { agentId: agent, people: [ben.id] } })).toMatchObject({
      status: 400,
    });
  });
});
