import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { newId } from "../../../party/protocol/ids.ts";
import { LIMITS } from "../../../party/protocol/limits.ts";
import { type TestPerson, text } from "../test-app.ts";
import { itemsOf, makeCompany, TestStack } from "./test-stack.ts";

describe("conversations over real rooms", () => {
  let stack: TestStack;
  let ana: TestPerson;
  let ben: TestPerson;
  let company: string;
  let guide: string;
  let scout: string;
  let path: string;

  const begin = async (extra: object = {}) => {
    const made = await ana.call("POST", `${path}/sessions`, { body: { agentId: guide, agents: [scout], ...extra } });
    expect(made.status).toBe(201);
    return text(made.body, "id");
  };
  const post = (person: TestPerson, talk: string, body: object) =>
    person.call("POST", `${path}/sessions/${talk}/messages`, { body });
  const show = async (person: TestPerson, talk: string) => (await person.call("GET", `${path}/sessions/${talk}`)).body;
  const stateOf = async (talk: string) => (await stack.app.services.rooms.state("session", talk))?.state;
  const archived = (talk: string, count: number) =>
    vi.waitUntil(
      async () =>
        (await stack.app.services.read.execute({ sql: "SELECT count(*) AS n FROM messages WHERE session = ?", args: [talk] }))
          .rows[0]?.n === count,
      { timeout: 5_000 },
    );
  const upload = async (name: string, by: TestPerson, session: string | null = null) => {
    const file = newId("fi");
    await stack.app.services.write(({ now }) => [
      {
        sql: `INSERT INTO files (id, company, kind, sha256, name, mime, bytes, created_by_id, created_by_name, created_by_kind, created_at, session)
          VALUES (?, ?, 'upload', ?, ?, 'text/plain', 5, ?, 'Somebody', 'person', ?, ?)`,
        args: [file, company, "0".repeat(64), name, by.id, now, session],
      },
    ]);
    return file;
  };

  beforeAll(async () => {
    stack = await TestStack.open();
    ({ ana, company, agent: guide, path } = await makeCompany(stack));
    ben = await ana.invite("Ben", company, "member");
    scout = text((await ana.call("POST", `${path}/agents`, { body: { name: "Scout" } })).body, "id");
    // Nobody answers: what is asked of agents waits, and their rooms tell who was asked.
    for (const agent of [guide, scout]) expect((await ana.call("POST", `${path}/agents/${agent}/pause`)).status).toBe(200);
  });
  afterAll(() => stack.close());

  it("have several agents, of whom a mention or a reply picks who answers, and say who cannot", async () => {
    const talk = await begin();
    expect(await show(ana, talk)).toMatchObject({
      agent: guide,
      agents: [{ id: guide }, { id: scout, name: "Scout" }],
      private: false,
    });
    const said = await post(ana, talk, { text: "both of you", mentions: [guide, scout] });
    expect(said).toMatchObject({ status: 201, body: { mentions: [guide, scout] } });
    expect(await post(ana, talk, { text: "you", mentions: ["ag_none"] })).toMatchObject({ status: 400 });
    expect(await post(ana, talk, { text: "to whom?", replyTo: "msg_none" })).toMatchObject({ status: 404 });
    // Both are paused, and both say so.
    await vi.waitUntil(async () => (await stateOf(talk))?.messages.filter(({ by }) => by.kind === "system").length === 2);
    const [note] = (await stateOf(talk))?.messages.filter(({ by }) => by.kind === "system") ?? [];
    expect(note).toMatchObject({ text: expect.stringContaining("is paused"), answers: text(said.body, "id") });
    expect((await post(ana, talk, { text: "" })).status).toBe(400);

    const change = (body: object) => ana.call("PATCH", `${path}/sessions/${talk}`, { body });
    expect(await change({ agents: [scout], version: 1 })).toMatchObject({
      status: 200,
      body: { agent: scout, agents: [{ id: scout }] },
    });
    expect(await change({ agents: ["ag_none"], version: 2 })).toMatchObject({ status: 400 });
    expect(await change({ people: [ben.id], version: 2 })).toMatchObject({ status: 400 });
    expect(await change({ private: true, version: 2 })).toMatchObject({
      status: 422,
      body: { error: { code: "not_supported" } },
    });
    await vi.waitUntil(async () => (await stateOf(talk))?.config?.agent === scout);
  });

  it("take their title from the first message, once, and never over a person's", async () => {
    const untitled = await begin();
    const named = await begin({ title: "Plans" });
    for (const talk of [untitled, named]) await post(ana, talk, { text: `\n# ${"Tidy ".repeat(20)}\nand more` });
    const title = await vi.waitUntil(async () => {
      const now = text(await show(ben, untitled), "title");
      return now !== "New conversation" && now;
    });
    expect(title).toMatch(/^# Tidy Tidy .*…$/);
    expect(title.length).toBeLessThanOrEqual(60);
    await vi.waitUntil(async () => (await stateOf(untitled))?.config?.title === title);
    await post(ana, untitled, { text: "Something else" });
    await archived(untitled, 4);
    expect(text(await show(ben, untitled), "title")).toBe(title);
    expect(text(await show(ben, named), "title")).toBe("Plans");
  });

  it("count what a person has not read, and show what was said last", async () => {
    const talk = await begin({ title: "Unread" });
    await post(ben, talk, { text: "one" });
    const last = await post(ben, talk, { text: `two\n${"x".repeat(300)}` });
    await archived(talk, 4);
    // Notes of the room itself are nothing to read.
    const seen = async (person: TestPerson) => itemsOf((await person.call("GET", `${path}/sessions?q=unread`)).body)[0];
    expect(await seen(ana)).toMatchObject({ id: talk, unread: 2 });
    expect(await seen(ben)).toMatchObject({ unread: 0 });
    const { seq } = Object(last.body);
    const read = (to: number) => ana.call("POST", `${path}/sessions/${talk}/read`, { body: { seq: to } });
    expect(await read(seq)).toMatchObject({ status: 200, body: { seq } });
    // Reading does not go back.
    expect(await read(1)).toMatchObject({ body: { seq } });
    expect(await seen(ana)).toMatchObject({ unread: 0 });
    expect((await read(-1)).status).toBe(400);

    await post(ben, talk, { text: `three ${"y".repeat(300)}` });
    await vi.waitUntil(async () => Object(await seen(ana)).unread === 1);
    const preview = text(await seen(ana), "lastMessage", "text");
    expect(preview.length).toBeLessThanOrEqual(140);
    expect(itemsOf((await ana.call("GET", `${path}/sessions?q=${"y".repeat(20)}`)).body)).toMatchObject([{ id: talk }]);
    expect(itemsOf((await ana.call("GET", `${path}/sessions?q=nowhere`)).body)).toEqual([]);
  });

  it("carry files that their author may show, which are from then on in the conversation", async () => {
    const talk = await begin();
    const mine = await upload("mine.txt", ana);
    const gone = newId("fi");
    expect(await post(ana, talk, { text: "", attachments: [gone] })).toMatchObject({ status: 400 });
    const said = await post(ana, talk, { text: "", attachments: [mine, mine] });
    const shown = [{ file: mine, name: "mine.txt", mime: "text/plain", bytes: 5 }];
    expect(said).toMatchObject({ status: 201, body: { text: "", attachments: shown } });
    await archived(talk, 2);
    expect(itemsOf((await ben.call("GET", `${path}/sessions/${talk}/messages`)).body)).toContainEqual(said.body);
    await vi.waitUntil(async () => text(await show(ana, talk), "title") === "mine.txt");
    const { rows } = await stack.app.services.read.execute({ sql: "SELECT session FROM files WHERE id = ?", args: [mine] });
    expect(rows[0]?.session).toBe(talk);

    const secret = text((await ana.call("POST", `${path}/sessions`, { body: { agentId: guide, private: true } })).body, "id");
    const hidden = await upload("hidden.txt", ana, secret);
    expect(await post(ana, talk, { text: "", attachments: [hidden] })).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining("private conversation") } },
    });
    expect((await post(ben, talk, { text: "", attachments: [hidden] })).status).toBe(400);
    const eleven = await Promise.all(Array.from({ length: 11 }, (_, n) => upload(`${n}.txt`, ana)));
    expect((await post(ana, talk, { text: "", attachments: eleven })).status).toBe(400);
  });

  it("let an author change, take back and ask again what the room itself does not hold any more", async () => {
    const talk = await begin({ title: "Long" });
    await ana.call("POST", `${path}/sessions/${talk}/take-over`);
    const long = "word ".repeat(5_000).trim();
    const first = text((await post(ana, talk, { text: long })).body, "id");
    const second = text((await post(ana, talk, { text: "typo" })).body, "id");
    for (let n = 0; n < LIMITS.snapshotMessages; n++) await post(ana, talk, { text: `${n}` });
    await archived(talk, LIMITS.snapshotMessages + 2);
    expect((await stateOf(talk))?.messages.some(({ id }) => id === first || id === second)).toBe(false);

    const message = `${path}/sessions/${talk}/messages`;
    expect((await post(ana, talk, { text: "about that", replyTo: second })).status).toBe(201);
    expect((await ben.call("PATCH", `${message}/${second}`, { body: { text: "mine" } })).status).toBe(403);
    expect((await ana.call("PATCH", `${message}/${second}`, { body: { text: "right" } })).status).toBe(200);
    const refused = await ana.call("POST", `${message}/${first}/retry`);
    expect(refused).toMatchObject({
      status: 409,
      body: { error: { code: "taken_over", message: expect.stringContaining("Ana") } },
    });
    await ana.call("POST", `${path}/sessions/${talk}/hand-back`);
    expect((await ana.call("POST", `${message}/${first}/retry`)).status).toBe(200);
    await vi.waitUntil(async () => (await stateOf(talk))?.messages.at(-1)?.answers === first);
    expect((await ana.call("DELETE", `${message}/${second}`)).status).toBe(200);
    expect((await ana.call("PATCH", `${message}/${newId("msg")}`, { body: { text: "x" } })).status).toBe(404);
    const kept = "SELECT text, edited, edited_at, deleted FROM messages WHERE id = ?";
    await vi.waitUntil(async () => {
      const { rows } = await stack.app.services.read.execute({ sql: kept, args: [second] });
      return rows[0]?.deleted === 1 && rows[0].edited === 1 && rows[0].edited_at !== null && rows[0].text === '""';
    });
  });

  it("tell the company that lists are out of date, by id alone", async () => {
    const talk = await begin({ title: "Touched" });
    const viewer = await stack.watch(ben, "company", company);
    await post(ana, talk, { text: "a word nobody hears" });
    await vi.waitUntil(() => viewer.live.some((item) => Object(item).session === talk));
    expect(JSON.stringify(viewer.live)).not.toContain("nobody hears");
  });
});
