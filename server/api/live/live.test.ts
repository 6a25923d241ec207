import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { type TestPerson, text } from "../test-app.ts";
import { itemsOf, makeCompany, TestStack } from "./test-stack.ts";

/** A free-running conversation would wake the agent; a person answers in these tests. */
async function makeTalk(person: TestPerson, path: string, agent: string, extra: object = {}): Promise<string> {
  const { body } = await person.call("POST", `${path}/sessions`, { body: { agentId: agent, ...extra } });
  const session = text(body, "id");
  expect((await person.call("POST", `${path}/sessions/${session}/take-over`)).status).toBe(200);
  return session;
}

describe("the live api over real rooms", () => {
  let stack: TestStack;
  let ana: TestPerson;
  let ben: TestPerson;
  let vera: TestPerson;
  let stranger: TestPerson;
  let company: string;
  let agent: string;
  let path: string;

  beforeAll(async () => {
    stack = await TestStack.open();
    ({ ana, company, agent, path } = await makeCompany(stack));
    ben = await ana.invite("Ben", company, "operator");
    vera = await ana.invite("Vera", company, "viewer");
    const elsewhere = await ana.makeCompany("South");
    stranger = await ana.invite("Sam", elsewhere, "owner");
  });
  afterAll(() => stack.close());

  describe("tickets", () => {
    it.each([
      ["company", () => company],
      ["agent", () => agent],
    ] as const)("open the room of a %s once", async (party, room) => {
      const { url } = await stack.watch(vera, party, room());
      const status = await new Promise((resolve) => {
        const again = new WebSocket(url, { headers: { origin: stack.url } });
        again.on("unexpected-response", (request, response) => {
          resolve(response.statusCode);
          request.destroy();
        });
        again.on("error", () => undefined);
      });
      expect(status).toBe(401);
    });

    it("answer alike for a room of others and one that does not exist", async () => {
      const talk = await makeTalk(ana, path, agent);
      const ask = async (person: TestPerson, party: string, room: string) => {
        const { status, body } = await person.call("POST", "/api/rooms/tickets", { body: { party, room } });
        return { status, code: text(body, "error", "code"), message: text(body, "error", "message") };
      };
      const missing = await ask(stranger, "agent", "ag_none");
      expect(missing.status).toBe(404);
      for (const [party, room] of [
        ["company", company],
        ["agent", agent],
        ["session", talk],
      ] as const) {
        expect(await ask(stranger, party, room)).toEqual(missing);
      }
    });

    it("of an API key are closed with it", async () => {
      const made = await ana.call("POST", "/api/me/api-keys", { body: { name: "script" } });
      const headers = { "x-api-key": text(made.body, "key") };
      const [inCompany, withAgent] = await Promise.all([
        stack.watch(ana, "company", company, headers),
        stack.watch(ana, "agent", agent, headers),
      ]);
      expect((await ana.call("DELETE", `/api/me/api-keys/${text(made.body, "id")}`)).status).toBe(204);
      await vi.waitUntil(() => !inCompany.isOpen() && !withAgent.isOpen(), { timeout: 2_000 });
    });
  });

  describe("messages", () => {
    it("are answered for when stored, seen by viewers and listed at once", async () => {
      const talk = await makeTalk(ana, path, agent);
      const viewer = await stack.watch(ben, "session", talk);
      const posted = await ana.call("POST", `${path}/sessions/${talk}/messages`, { body: { text: "hello" } });
      expect(posted).toMatchObject({ status: 201, body: { text: "hello", by: { name: "Ana" }, edited: false } });
      const list = await ben.call("GET", `${path}/sessions/${talk}/messages`);
      expect(itemsOf(list.body)).toEqual([posted.body]);
      await vi.waitUntil(() => viewer.events.some((event) => event.type === "message.posted"));
    });

    it("are listed the same from the room and from the archive, page by page", async () => {
      const talk = await makeTalk(ana, path, agent);
      const say = (words: string) => ana.call("POST", `${path}/sessions/${talk}/messages`, { body: { text: words } });
      const first = text((await say("one")).body, "id");
      const second = text((await say("two")).body, "id");
      await say("three");
      await ana.call("PATCH", `${path}/sessions/${talk}/messages/${first}`, { body: { text: "ONE" } });
      await ana.call("DELETE", `${path}/sessions/${talk}/messages/${second}`);
      const list = async (query = "") => (await ana.call("GET", `${path}/sessions/${talk}/messages${query}`)).body;
      const live = await list();
      expect(itemsOf(live)).toMatchObject([
        { text: "three" },
        { text: "", deleted: true },
        { text: "ONE", edited: true, deleted: false },
      ]);
      const stored = "SELECT 1 FROM messages WHERE session = ? AND deleted = 1";
      await vi.waitUntil(async () => (await stack.app.services.read.execute({ sql: stored, args: [talk] })).rows.length === 1);
      expect(await list()).toEqual(live);
      const page = await list("?limit=2");
      const rest = await list(`?limit=2&cursor=${text(page, "nextCursor")}`);
      expect([...itemsOf(page), ...itemsOf(rest)]).toEqual(itemsOf(live));
    });

    it("keep a long text whole behind its reference", async () => {
      const talk = await makeTalk(ana, path, agent);
      const words = "word ".repeat(5_000).trim();
      expect((await ana.call("POST", `${path}/sessions/${talk}/messages`, { body: { text: words } })).status).toBe(201);
      const [message] = itemsOf((await ana.call("GET", `${path}/sessions/${talk}/messages`)).body);
      const ref = text(message, "text", "ref");
      expect((await ana.call("GET", `${path}/sessions/${talk}/refs/${ref}`)).text).toBe(words);
      expect((await stranger.call("GET", `${path}/sessions/${talk}/refs/${ref}`)).status).toBe(404);
    });

    it("are changed by their author only, and not written by a viewer", async () => {
      const talk = await makeTalk(ana, path, agent);
      const { body } = await ana.call("POST", `${path}/sessions/${talk}/messages`, { body: { text: "mine" } });
      const edit = await ben.call("PATCH", `${path}/sessions/${talk}/messages/${text(body, "id")}`, { body: { text: "his" } });
      expect(edit).toMatchObject({ status: 403, body: { error: { code: "forbidden" } } });
      expect((await vera.call("POST", `${path}/sessions/${talk}/messages`, { body: { text: "x" } })).status).toBe(403);
    });
  });

  describe("conversations", () => {
    it("are renamed by version, archived and found again", async () => {
      const talk = await makeTalk(ana, path, agent, { title: "Attic plans" });
      const change = (body: object) => ben.call("PATCH", `${path}/sessions/${talk}`, { body });
      expect(await change({ title: "Cellar plans", version: 1 })).toMatchObject({ status: 200, body: { version: 2 } });
      expect(await change({ title: "Roof plans", version: 1 })).toMatchObject({
        status: 409,
        body: { error: { code: "version", details: { version: 2 } } },
      });
      expect((await change({ archived: true, version: 2 })).status).toBe(200);
      const refused = await ana.call("POST", `${path}/sessions/${talk}/messages`, { body: { text: "x" } });
      expect(refused).toMatchObject({ status: 409, body: { error: { code: "conflict" } } });
      const found = itemsOf((await ana.call("GET", `${path}/sessions?archived=1&q=cellar`)).body);
      expect(found).toMatchObject([{ id: talk, archived: true }]);
    });
  });

  describe("runs without a runner", () => {
    it("are about nothing else than their prompt: a field that a wake does not know is named, and nothing starts", async () => {
      const body = { prompt: "Tidy the attic", subject: { kind: "session", id: "ss_1" } };
      expect(await ana.call("POST", `${path}/agents/${agent}/wake`, { body })).toMatchObject({
        status: 400,
        body: { error: { code: "invalid", message: expect.stringContaining("subject"), details: { field: "subject" } } },
      });
    });

    it("can be read the moment they are queued, and end when they are cancelled", async () => {
      const woken = await ana.call("POST", `${path}/agents/${agent}/wake`, { body: { prompt: "Tidy the attic" } });
      expect(woken).toMatchObject({ status: 202, body: { runId: expect.stringMatching(/^run_/) } });
      const run = text(woken.body, "runId");
      expect(await vera.call("GET", `${path}/runs/${run}`)).toMatchObject({
        status: 200,
        body: { id: run, agent, state: "queued", title: "Tidy the attic" },
      });
      expect((await stranger.call("GET", `${path}/runs/${run}`)).status).toBe(404);

      const stream = fetch(`${stack.url}${path}/runs/${run}/events`, {
        headers: { cookie: ana.cookie, accept: "text/event-stream" },
      });
      expect((await vera.call("POST", `${path}/runs/${run}/cancel`)).status).toBe(403);
      expect((await ben.call("POST", `${path}/runs/${run}/cancel`)).status).toBe(202);
      const words = await (await stream).text();
      expect([...words.matchAll(/^event: (\S+)$/gm)].map(([, type]) => type)).toEqual(["run.queued", "run.ended"]);

      const page = await ana.call("GET", `${path}/runs/${run}/events`);
      const seqs = itemsOf(page.body).map((event) => Number(Object.entries(event ?? {}).find(([key]) => key === "seq")?.[1]));
      expect([...words.matchAll(/^id: (\d+)$/gm)].map(([, seq]) => Number(seq))).toEqual(seqs);
      const resumed = await fetch(`${stack.url}${path}/runs/${run}/events`, {
        headers: { cookie: ana.cookie, accept: "text/event-stream", "last-event-id": String(seqs[0]) },
      });
      expect([...(await resumed.text()).matchAll(/^id: (\d+)$/gm)].map(([, seq]) => Number(seq))).toEqual(seqs.slice(1));
      expect(itemsOf((await ana.call("GET", `${path}/runs?agent=${agent}&state=ended&q=attic`)).body)).toMatchObject([
        { id: run, state: "ended", outcome: "aborted" },
      ]);
      await vi.waitFor(async () =>
        expect(itemsOf((await vera.call("GET", `${path}/search?q=tidy%20att`)).body)).toMatchObject([
          { kind: "run", ref: run, run, agent, title: "Tidy the attic", byName: "Ana" },
        ]),
      );
      expect(itemsOf((await vera.call("GET", `${path}/search?q=attic&kinds=message,file`)).body)).toEqual([]);
      expect((await stranger.call("GET", `${path}/search?q=attic`)).status).toBe(404);
      expect(await vera.call("GET", `${path}/search?q=%22%20-`)).toMatchObject({
        status: 400,
        body: { error: { message: "There is no word in it to look for." } },
      });
    });

    it("are refused in the agent's own words while it is paused", async () => {
      expect((await ben.call("POST", `${path}/agents/${agent}/pause`, { body: { note: "lunch" } })).status).toBe(200);
      const woken = await ana.call("POST", `${path}/agents/${agent}/wake`, { body: { prompt: "x" } });
      expect(woken).toMatchObject({ status: 409, body: { error: { code: "paused" } } });
      expect((await ben.call("POST", `${path}/agents/${agent}/resume`)).status).toBe(200);
      expect((await stranger.call("POST", `${path}/agents/${agent}/pause`)).status).toBe(404);
    });
  });

  it("refuses to find an agent of another company under one's own", async () => {
    const own = await stranger.makeCompany("West");
    const woken = await stranger.call("POST", `/api/companies/${own}/agents/${agent}/wake`, { body: { prompt: "x" } });
    expect(woken.status).toBe(404);
  });
});

describe("the live api with a runner", () => {
  let stack: TestStack;
  let ana: TestPerson;
  let ben: TestPerson;
  let agent: string;
  let path: string;

  beforeAll(async () => {
    stack = await TestStack.open();
    let company: string;
    ({ ana, company, agent, path } = await makeCompany(stack));
    ben = await ana.invite("Ben", company, "operator");
    await stack.startRunner();
  });
  afterAll(() => stack.close());

  const wake = async (prompt: string) => {
    const { body } = await ana.call("POST", `${path}/agents/${agent}/wake`, { body: { prompt } });
    return text(body, "runId");
  };
  const until = (run: string, state: string) =>
    vi.waitUntil(async () => text((await ana.call("GET", `${path}/runs/${run}`)).body, "state") === state, { timeout: 15_000 });

  it("decides an approval once, for the first who asks", async () => {
    const run = await wake('@tool shell {"command":"echo done > proof.txt"}\n@say finished');
    await until(run, "waiting");
    const pending = await vi.waitUntil(async () => itemsOf((await ben.call("GET", `${path}/approvals?state=pending`)).body)[0]);
    const id = text(pending, "id");
    const digest = text(pending, "digest");
    const decide = (person: TestPerson, decision: string) =>
      person.call("POST", `${path}/approvals/${id}/decisions`, { body: { decision, version: 1, digest } });
    const stale = await ben.call("POST", `${path}/approvals/${id}/decisions`, {
      body: { decision: "allow", version: 1, digest: "0".repeat(64) },
    });
    expect(stale).toMatchObject({ status: 409, body: { error: { code: "stale_arguments" } } });
    expect((await ben.call("POST", `${path}/approvals/${id}/claim`)).status).toBe(200);
    expect(await ben.call("GET", `${path}/approvals/${id}`)).toMatchObject({ body: { claim: { by: { name: "Ben" } } } });
    expect((await ben.call("POST", `${path}/approvals/${id}/release`)).status).toBe(200);
    expect(
      await ben.call("POST", `${path}/approvals/${id}/decisions`, { body: { decision: "allow", version: 1, digest } }),
    ).toMatchObject({
      status: 200,
      body: { state: "allowed" },
    });
    expect(await decide(ben, "allow")).toMatchObject({ status: 200 });
    expect(await decide(ana, "deny")).toMatchObject({
      status: 409,
      body: { error: { code: "already_decided", details: { winner: { by: { name: "Ben" }, decision: "allow" } } } },
    });
    await until(run, "ended");
    await vi.waitUntil(async () => text((await ana.call("GET", `${path}/approvals/${id}`)).body, "state") === "executed");
    expect(itemsOf((await ana.call("GET", `${path}/approvals?state=pending`)).body)).toEqual([]);
    expect(itemsOf((await ana.call("GET", `${path}/approvals`)).body)).toMatchObject([{ id, state: "executed" }]);
  });

  it("shows the whole of long arguments to whoever decides", async () => {
    const command = `true # ${"x".repeat(20_000)}`;
    const run = await wake(`@tool shell ${JSON.stringify({ command })}`);
    const pending = await vi.waitUntil(async () => itemsOf((await ben.call("GET", `${path}/approvals?state=pending`)).body)[0]);
    const id = text(pending, "id");
    const ref = text(pending, "input", "ref");
    const whole = await ben.call("GET", `${path}/approvals/${id}/refs/${ref}`);
    expect(JSON.parse(whole.text)).toEqual({ command });
    expect((await ben.call("GET", `${path}/approvals/${id}/refs/ref_none`)).status).toBe(404);
    const deny = { decision: "deny", version: 1, digest: text(pending, "digest") };
    expect((await ben.call("POST", `${path}/approvals/${id}/decisions`, { body: deny })).status).toBe(200);
    await until(run, "ended");
  });

  it("carries a question and its first answer", async () => {
    const run = await wake("@ask Which colour?\n@say thanks");
    const open = await vi.waitUntil(async () => itemsOf((await ana.call("GET", `${path}/questions?state=open`)).body)[0]);
    const id = text(open, "id");
    expect((await ben.call("POST", `${path}/questions/${id}/answers`, { body: { value: "red" } })).status).toBe(200);
    expect(await ana.call("POST", `${path}/questions/${id}/answers`, { body: { value: "blue" } })).toMatchObject({
      status: 409,
      body: { error: { details: { winner: { by: { name: "Ben" }, decision: "red" } } } },
    });
    await until(run, "ended");
  });

  it("shows the same events as JSON and as a stream, live and archived", async () => {
    const run = await wake("@think about it\n@say one\n@then\n@say two");
    const stream = await fetch(`${stack.url}${path}/runs/${run}/events`, {
      headers: { cookie: ana.cookie, accept: "text/event-stream" },
    });
    const streamed = [...(await stream.text()).matchAll(/^data: (.*)$/gm)].map(([, json]) => JSON.parse(json ?? ""));
    const read = async () => itemsOf((await ana.call("GET", `${path}/runs/${run}/events`)).body);
    expect(await read()).toEqual(streamed);
    const sql = "SELECT 1 FROM runs WHERE id = ? AND state = 'ended'";
    await vi.waitUntil(async () => (await stack.app.services.read.execute({ sql, args: [run] })).rows.length === 1);
    expect(await read()).toEqual(streamed);
    const pages = [];
    for (let after = "0"; after !== "null"; ) {
      const { body } = await ana.call("GET", `${path}/runs/${run}/events?limit=3&after=${after}`);
      pages.push(...itemsOf(body));
      const next = Object.entries(body ?? {}).find(([key]) => key === "nextCursor")?.[1];
      after = String(next);
    }
    expect(pages).toEqual(streamed);
  });

  it("serves a long text behind its reference, from the room and from the archive", async () => {
    const words = "word ".repeat(6_000).trim();
    const run = await wake(`@say ${words}\n@tool shell {"command":"true"}`);
    await until(run, "waiting");
    const events = itemsOf((await ana.call("GET", `${path}/runs/${run}/events`)).body);
    const block = events.find((event) => text(event, "type") === "block.ended");
    const ref = text(block, "text", "ref");
    const whole = async () => (await ana.call("GET", `${path}/runs/${run}/refs/${ref}`)).text;
    expect(await whole()).toBe(words);
    const sql = "SELECT 1 FROM refs WHERE ref = ?";
    await vi.waitUntil(async () => (await stack.app.services.read.execute({ sql, args: [ref] })).rows.length === 1);
    expect(await whole()).toBe(words);
    expect((await ana.call("GET", `${path}/runs/${run}/refs/ref_none`)).status).toBe(404);
    expect((await ben.call("POST", `${path}/runs/${run}/cancel`)).status).toBe(202);
    await until(run, "ended");
  });

  it("stops everything", async () => {
    const run = await wake(`@slow 200 50\n@say ${"word ".repeat(200)}`);
    await until(run, "running");
    expect((await ben.call("POST", `${path}/stop-everything`)).status).toBe(202);
    await until(run, "ended");
    expect(await ana.call("POST", `${path}/agents/${agent}/wake`, { body: { prompt: "x" } })).toMatchObject({ status: 409 });
  });
});
