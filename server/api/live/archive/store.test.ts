import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { verifyChain } from "../../../../db/audit.ts";
import { WriteRefused } from "../../../../db/errors.ts";
import { openTestDatabase, type TestDatabase } from "../../../../db/test-database.ts";
import { WriteQueue } from "../../../../db/write-queue.ts";
import { EMPTY_AGENT, evolveAgent } from "../../../../party/protocol/agent-state.ts";
import { NO_USAGE } from "../../../../party/protocol/common.ts";
import type { Approval } from "../../../../party/protocol/company.ts";
import { eventSchema } from "../../../../party/protocol/frames.ts";
import type { Party } from "../../../../party/protocol/tickets.ts";
import { archivedEvents } from "../runs/events.ts";
import { fromRow } from "../runs/shape.ts";
import { type Archive, createArchive, parseArchivePost } from "./store.ts";

const ana = { id: "u_ana", name: "Ana", kind: "person" as const };
const guide = { id: "ag_1", name: "Guide", kind: "agent" as const };
const AT = "2026-11-20T10:00:00.000Z";
const run = { v: 1, run: "run_1", src: { runtime: "native" } };
const usage = { input: 100, output: 20, cached: 0, thinking: 0 };

const RUN_EVENTS = [
  { type: "run.queued", ...run, title: "Tidy the folder", source: "person", reason: "asked", by: ana, subject: { kind: "none" } },
  {
    type: "run.started",
    ...run,
    runtime: "native",
    model: "rehearsal",
    tools: [],
    skills: [],
    mcp: [],
    cwd: "/w",
    attempt: 1,
    fence: 1,
    sandbox: "bubblewrap",
  },
  { type: "message.user", ...run, by: ana, text: "Please tidy the Attic", via: "prompt" },
  { type: "turn.ended", ...run, stop: "end", usage, cost: 7 },
  { type: "run.ended", ...run, outcome: "done", text: "All tidy", usage, cost: 7, ms: 1_200 },
];

const approval: Approval = {
  id: "ap_1",
  agent: "ag_1",
  agentName: "Guide",
  run: "run_1",
  runTitle: "Tidy the folder",
  call: "call_1",
  tool: "shell",
  input: '{"command":"ls"}',
  digest: "d".repeat(64),
  risk: "write",
  question: "Run ls?",
  cwd: "/w",
  cause: ana,
  need: 1,
  version: 1,
  state: "pending",
  votes: [],
  createdAt: AT,
  expiresAt: AT,
};
const vote = { by: ana, decision: "allow", at: AT, note: "fine" };
const APPROVAL_EVENTS = [
  { type: "approval.asked", approval },
  { type: "approval.claimed", approval: "ap_1", by: ana },
  { type: "approval.decided", approval: "ap_1", decision: "allow", by: [vote] },
  { type: "activity", entry: { by: guide, text: "finished Tidy the folder", agent: "ag_1", run: "run_1" } },
];

describe("the archive of rooms", () => {
  let database: TestDatabase;
  let queue: WriteQueue;
  let archive: Archive;

  const all = async (sql: string) => (await database.read.execute(sql)).rows.map((row) => ({ ...row }));
  const post = (party: Party, room: string, events: object[], from = 1, refs: object[] = []) => {
    const stamped = events.map((event, i) => ({ ...event, seq: from + i, at: AT }));
    const parsed = parseArchivePost(JSON.stringify({ party, room, company: "co_1", epoch: "e1", events: stamped, refs }));
    if (!parsed) throw new Error("the post of the test is not one");
    return parsed;
  };

  beforeEach(async () => {
    database = await openTestDatabase();
    queue = new WriteQueue(database.writer, { generation: 1, clock: Date, onOutbox: () => undefined });
    archive = createArchive(database.read, queue.write, { now: Date.now, onNotes: () => {} });
    await queue.write(() => [
      {
        sql: "INSERT INTO companies (id, name, prefix, created_by, created_at) VALUES ('co_1', 'North', 'NOR', 'u_ana', ?)",
        args: [AT],
      },
      {
        sql: `INSERT INTO agents (id, company, name, title, runtime, model, instructions, tools, created_by, created_at, updated_by, updated_at)
          VALUES ('ag_1', 'co_1', 'Guide', '', 'native', 'rehearsal', '', '{}', 'u_ana', ?, 'u_ana', ?)`,
        args: [AT, AT],
      },
      {
        sql: `INSERT INTO sessions (id, company, agent, title, created_by, created_at, updated_at)
          VALUES ('ss_1', 'co_1', 'ag_1', 'Talk', 'u_ana', ?, ?)`,
        args: [AT, AT],
      },
    ]);
  });
  afterEach(async () => {
    await queue.close();
    database.remove();
  });

  it("keeps every event as it came and answers with the last seq", async () => {
    expect(await archive.store(post("agent", "ag_1", RUN_EVENTS))).toBe(5);
    const rows = await all("SELECT seq, run, type, json FROM room_events ORDER BY seq");
    expect(rows.map((row) => row.type)).toEqual(RUN_EVENTS.map((event) => event.type));
    expect(rows[0]).toMatchObject({ seq: 1, run: "run_1", json: JSON.stringify({ ...RUN_EVENTS[0], seq: 1, at: AT }) });
  });

  it("folds a run's events into its row", async () => {
    await archive.store(post("agent", "ag_1", RUN_EVENTS));
    const columns = { id: "run_1", agent: "ag_1", state: "ended", outcome: "done", last_seq: 5 };
    expect(await all("SELECT * FROM runs")).toMatchObject([columns]);
    expect(await all("SELECT kind, seq, by_name, body FROM search_docs ORDER BY id")).toEqual([
      { kind: "run", seq: null, by_name: "Ana", body: "Tidy the folder" },
      { kind: "step", seq: 3, by_name: "Ana", body: "Please tidy the Attic" },
    ]);
  });

  it("keeps of an ended run what its room showed, however its events were cut into posts", async () => {
    const [queued, started, ...rest] = RUN_EVENTS;
    const merged = { type: "wake.merged", run: "run_1", source: "person", reason: "asked", by: ana, text: "And the cellar" };
    const file = { type: "file.changed", ...run, path: "a.txt", op: "added", added: 3, removed: 0 };
    const plan = { type: "plan.changed", ...run, items: [{ text: "Look", state: "done" }] };
    const turn = { type: "turn.started", ...run, turn: 1, model: "rehearsal" };
    const events = [queued, merged, started, { ...started, attempt: 2 }, turn, file, { ...file, added: 2 }, plan, ...rest];
    const log = events.map((event, i) => eventSchema.agent.parse({ ...event, seq: i + 1, at: AT }));
    for (const [i, event] of events.entries()) await archive.store(post("agent", "ag_1", [event ?? {}], i + 1));
    const shown = log.reduce(evolveAgent, EMPTY_AGENT).runs.run_1;
    expect(shown).toMatchObject({
      wakes: 2,
      attempt: 2,
      turn: 1,
      sandbox: "bubblewrap",
      files: [{ added: 5 }],
      plan: plan.items,
    });
    const [row] = (await database.read.execute("SELECT agent, json FROM runs")).rows;
    expect(row && fromRow(row)).toEqual({ ...shown, agent: "ag_1" });
  });

  it("changes nothing when posts repeat or overlap", async () => {
    const first = RUN_EVENTS.slice(0, 4);
    await archive.store(post("agent", "ag_1", first));
    const before = await all("SELECT * FROM runs");
    await Promise.all([archive.store(post("agent", "ag_1", first)), archive.store(post("agent", "ag_1", first.slice(2), 3))]);
    expect(await all("SELECT * FROM runs")).toEqual(before);
    expect(before).toMatchObject([{ last_seq: 4 }]);
    expect(await archive.store(post("agent", "ag_1", RUN_EVENTS.slice(2), 3))).toBe(5);
    expect(await all("SELECT seq FROM room_events ORDER BY seq")).toEqual([1, 2, 3, 4, 5].map((seq) => ({ seq })));
  });

  it("keeps what the conversation's room says of a run out of the run's own events, whose seqs it would repeat", async () => {
    await archive.store(post("agent", "ag_1", RUN_EVENTS));
    const answer = { type: "answer.started", run: "run_1", agent: "ag_1", agentName: "Guide" };
    await archive.store(post("session", "ss_1", [answer]));
    const events = await archivedEvents(database.read, "run_1", 0, 100);
    expect(events.map(({ seq, type }) => `${seq} ${type}`)).toEqual(RUN_EVENTS.map(({ type }, i) => `${i + 1} ${type}`));
  });

  it("folds an approval over several posts and writes its decision to the audit once", async () => {
    await archive.store(post("company", "co_1", APPROVAL_EVENTS.slice(0, 2)));
    await archive.store(post("company", "co_1", APPROVAL_EVENTS.slice(1), 2));
    await archive.store(post("company", "co_1", APPROVAL_EVENTS));
    const [row] = await all("SELECT state, decided_at, seq, json FROM approvals");
    expect(row).toMatchObject({ state: "allowed", decided_at: AT, seq: 3 });
    expect(JSON.parse(String(row?.json))).toMatchObject({ votes: [vote], claim: { by: ana } });
    expect(await all("SELECT n, actor_id, action, subject_id FROM activity WHERE chain = 'co_1'")).toEqual([
      { n: 1, actor_id: "u_ana", action: "approval.decided", subject_id: "ap_1" },
    ]);
    expect(await verifyChain(database.read, "co_1")).toEqual({ ok: true, entries: 1 });
  });

  it("writes who asked, steered, paused and ended into the audit, once, and nothing of the strip that people read", async () => {
    const steer = { type: "steer.queued", ...run, steer: "st_1", by: ana, text: "Faster" };
    const merged = { type: "wake.merged", run: "run_1", source: "person", reason: "asked", by: ana, text: "Too" };
    const paused = { type: "agent.paused", by: ana, reason: "manual" };
    const events = [...RUN_EVENTS.slice(0, 1), merged, ...RUN_EVENTS.slice(1, 3), steer, ...RUN_EVENTS.slice(3), paused];
    await archive.store(post("agent", "ag_1", events));
    await archive.store(post("agent", "ag_1", [...events, { type: "agent.resumed", by: ana }]));
    const told = ["made the company", "allowed shell in Tidy the folder", "finished Tidy the folder"];
    await archive.store(
      post(
        "company",
        "co_1",
        told.map((words) => ({ type: "activity", entry: { by: ana, text: words } })),
      ),
    );
    const chain = await all("SELECT actor_name AS who, action, subject_id AS what FROM activity WHERE chain = 'co_1' ORDER BY n");
    expect(chain).toEqual([
      { who: "Ana", action: "run.asked", what: "run_1" },
      { who: "Ana", action: "run.asked", what: "run_1" },
      { who: "Ana", action: "run.steered", what: "run_1" },
      { who: "Guide", action: "run.ended", what: "run_1" },
      { who: "Ana", action: "agent.paused", what: "ag_1" },
      { who: "Ana", action: "agent.resumed", what: "ag_1" },
    ]);
    expect(await verifyChain(database.read, "co_1")).toMatchObject({ ok: true });
  });

  it("keeps messages as they stand after edits and deletions", async () => {
    const message = (id: string, text: string) => ({ id, by: ana, text, at: AT });
    await archive.store(
      post("session", "ss_1", [
        { type: "message.posted", message: message("msg_1", "helo") },
        { type: "message.posted", message: message("msg_2", "secret") },
        { type: "message.edited", message: "msg_1", text: "hello", by: ana },
        { type: "message.deleted", message: "msg_2", by: ana },
      ]),
    );
    expect(await all("SELECT id, text, edited, deleted FROM messages ORDER BY seq")).toEqual([
      { id: "msg_1", text: '"hello"', edited: 1, deleted: 0 },
      { id: "msg_2", text: '""', edited: 0, deleted: 1 },
    ]);
    expect(await all("SELECT last_message_at FROM sessions")).toEqual([{ last_message_at: AT }]);
  });

  it("keeps no words that were edited away or deleted, however often they are posted", async () => {
    const message = { id: "msg_1", by: ana, text: { ref: "ref_old", head: "old head", bytes: 9 }, at: AT };
    const attachments = [{ file: "fi_1", name: "secret.pdf", mime: "application/pdf", bytes: 3 }];
    const said = [
      { type: "message.posted", message: { ...message, attachments } },
      { type: "message.posted", message: { ...message, id: "msg_2", text: "stays" } },
      { type: "message.edited", message: "msg_1", text: "second words", by: ana },
    ];
    const jsons = async () => (await all("SELECT json FROM room_events ORDER BY seq")).map(({ json }) => String(json));
    await archive.store(post("session", "ss_1", said.slice(0, 2), 1, [{ ref: "ref_old", text: "old head and all" }]));
    await archive.store(post("session", "ss_1", said));
    expect((await jsons()).join()).not.toContain("old head");
    expect((await jsons()).join()).toMatch(/secret\.pdf.*stays.*second words/);
    expect(await all("SELECT * FROM refs")).toEqual([]);
    const deleted = { type: "message.deleted", message: "msg_1", by: ana };
    await archive.store(post("session", "ss_1", [...said, deleted]));
    await archive.store(post("session", "ss_1", [...said, deleted]));
    expect((await jsons()).map((json) => JSON.parse(json))).toMatchObject([
      { seq: 1, message: { id: "msg_1", text: "" } },
      { seq: 2, message: { text: "stays" } },
      { seq: 3, message: "msg_1", text: "" },
      { seq: 4, type: "message.deleted" },
    ]);
    expect((await jsons()).join()).not.toMatch(/secret|second/);
  });

  it("stores texts behind references, and events it does not know", async () => {
    const strange = { type: "from.the.future", v: 9 };
    await archive.store(post("agent", "ag_1", [strange], 1, [{ ref: "ref_1", text: "long" }]));
    expect(await all("SELECT ref, text FROM refs")).toEqual([{ ref: "ref_1", text: "long" }]);
    expect(await all("SELECT type FROM room_events")).toEqual([{ type: "from.the.future" }]);
  });

  it("stores a post of many events", async () => {
    const log = Array.from({ length: 500 }, () => ({ type: "log", ...run, level: "info", text: "x" }));
    expect(await archive.store(post("agent", "ag_1", log))).toBe(500);
    expect(await all("SELECT count(*) AS n FROM room_events")).toEqual([{ n: 500 }]);
    expect(archive.total).toBe(500);
  });

  it("refuses the post of a company that is gone", async () => {
    const events = post("agent", "ag_1", RUN_EVENTS);
    await expect(archive.store({ ...events, company: "co_gone" })).rejects.toThrow(new WriteRefused("gone"));
    expect(await all("SELECT count(*) AS n FROM room_events")).toEqual([{ n: 0 }]);
  });

  it("reads usage as the end of the run says it, without counting turns twice", async () => {
    const ended = RUN_EVENTS.at(-1);
    await archive.store(
      post("agent", "ag_1", [...RUN_EVENTS.slice(0, 4), { ...ended, usage: { ...NO_USAGE, input: 90 }, cost: 5 }]),
    );
    const [row] = await all("SELECT json FROM runs");
    expect(JSON.parse(String(row?.json))).toMatchObject({ usage: { ...NO_USAGE, input: 90 }, cost: 5 });
  });

  it("does not take a body that is no post", () => {
    expect(parseArchivePost("{")).toBeUndefined();
    expect(parseArchivePost(JSON.stringify({ party: "agent", events: [] }))).toBeUndefined();
  });
});
