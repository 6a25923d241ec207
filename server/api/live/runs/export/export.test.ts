import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RunView } from "../../../../../party/protocol/agent.ts";
import type { LongText } from "../../../../../party/protocol/common.ts";
import { newId } from "../../../../../party/protocol/ids.ts";
import type { RunEvent } from "../../../../../party/protocol/run-events.ts";
import { NO_USAGE } from "../../../../../party/protocol/usage.ts";
import { TestApp, type TestPerson, text } from "../../../test-app.ts";
import { exportHtml } from "./html.ts";
import { exportJson } from "./json.ts";
import type { ExportSource } from "./source.ts";

const AT = "2026-11-17T10:00:00.000Z";
const RUN = "run_01";
const SCRIPT = `</title><script>alert("x")</script><img src=x onerror='alert(1)'>`;
const TURNED = "pay \u202e100\u202c euro";
const HEBREW = "שלום עולם";

const base = { v: 1 as const, run: RUN, src: { runtime: "native" } };
const said = (block: string, words: LongText): RunEvent => ({
  ...base,
  type: "block.ended",
  block,
  kind: "text",
  text: words,
});

function viewOf(over: Partial<RunView> = {}): RunView {
  return {
    id: RUN,
    title: "Water the plants",
    state: "ended",
    outcome: "done",
    why: "",
    source: "person",
    reason: "asked",
    by: { id: "u_1", name: "Ana", kind: "person" },
    subject: { kind: "none" },
    wakes: 1,
    queuedAt: AT,
    attempt: 1,
    usage: NO_USAGE,
    cost: 0,
    turn: 1,
    calls: [],
    questions: [],
    steers: [],
    openBlocks: [],
    plan: [],
    files: [],
    firstSeq: 1,
    lastSeq: 1,
    ...over,
  };
}

function sourceOf(events: readonly RunEvent[], more: Partial<ExportSource> = {}): ExportSource {
  return {
    next: async (after, limit) => {
      const page = events.slice(after, after + limit).map((event, i) => ({ ...event, seq: after + i + 1, at: AT }));
      return { events: page, end: after + limit < events.length ? "more" : "head" };
    },
    text: async (ref) => `the whole of ${ref}`,
    allowed: async () => true,
    ...more,
  };
}

async function whole(parts: AsyncIterable<string>): Promise<string> {
  let all = "";
  for await (const part of parts) all += part;
  return all;
}

const html = (events: readonly RunEvent[], over: Partial<RunView> = {}, more: Partial<ExportSource> = {}) =>
  whole(exportHtml({ ...viewOf(over), agent: "ag_1" }, "Guide", sourceOf(events, more), AT));
const json = async (events: readonly RunEvent[], more: Partial<ExportSource> = {}): Promise<unknown> =>
  JSON.parse(await whole(exportJson({ ...viewOf(), agent: "ag_1" }, sourceOf(events, more), AT)));

/** Lets go of everything that nobody holds, so that what is measured is what is held. */
const collectGarbage: () => void = (() => {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
})();

describe("a run as a page", () => {
  test("holds what anybody wrote as text and never as markup", async () => {
    const page = await html(
      [
        { ...base, type: "message.user", by: { id: "u", name: SCRIPT, kind: "person" }, text: SCRIPT, via: "prompt" },
        said("b1", SCRIPT),
        {
          ...base,
          type: "tool.called",
          call: "c",
          name: SCRIPT.slice(0, 90),
          origin: "native",
          input: SCRIPT,
          policy: "auto",
          risk: "read",
        },
        { ...base, type: "tool.ended", call: "c", ok: true, output: SCRIPT, ms: 1, effect: "none" },
        { ...base, type: "file.changed", path: SCRIPT, op: "added", added: 1, removed: 0 },
        { ...base, type: "log", level: "info", text: SCRIPT },
      ],
      { title: SCRIPT, text: SCRIPT },
    );
    expect(page).not.toMatch(/<script|<img|onerror='/i);
    expect(page.match(/&lt;script&gt;alert\(&quot;x&quot;\)/g)?.length).toBeGreaterThanOrEqual(9);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'`);
    expect(page.trimEnd()).toMatch(/<\/html>$/);
  });

  test("keeps languages from right to left readable and shows characters that turn others", async () => {
    const page = await html([said("b1", HEBREW), said("b2", TURNED)]);
    expect(page).toContain(`<div class="text" dir="auto">${HEBREW}</div>`);
    expect(page).toContain("pay \\u{202e}100\\u{202c} euro");
  });

  test("names each step by its place, so that a link can point at it, and says when the newest are missing", async () => {
    expect(await html([said("b1", "one"), said("b2", "two")])).toContain('id="step-2"');
    const away = sourceOf([said("b1", "one")]);
    const page = await html([], {}, { next: async (after, limit) => ({ ...(await away.next(after, limit)), end: "away" }) });
    expect(page).toContain("The newest steps could not be read.");
  });
});

describe("a run as JSON", () => {
  test("has every event, with long texts in full", async () => {
    const cut = { head: "the wh", bytes: 100, ref: "ref_1" };
    expect(await json([said("b1", cut), said("b2", "short")])).toMatchObject({
      format: "atrium.run",
      run: { id: RUN, title: "Water the plants" },
      events: [
        { seq: 1, text: "the whole of ref_1" },
        { seq: 2, text: "short" },
      ],
      complete: true,
    });
  });

  test("of a hundred thousand events is never in memory as a whole", async () => {
    const COUNT = 100_000;
    const LINE = "x".repeat(1_000);
    const MIB = 1024 * 1024;
    let made = 0;
    const source = sourceOf([], {
      next: async (after, limit) => {
        const events = Array.from({ length: Math.min(limit, COUNT - after) }, (_, i) => ({
          ...said("b", LINE),
          seq: after + i + 1,
          at: AT,
        }));
        made += events.length;
        return { events, end: made < COUNT ? "more" : "head" };
      },
    });
    let bytes = 0;
    let parts = 0;
    let most = 0;
    const used = (): number => {
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const before = used();
    for await (const part of exportJson({ ...viewOf(), agent: "ag_1" }, source, AT)) {
      bytes += part.length;
      if (++parts % 10_000 === 0) most = Math.max(most, used() - before);
    }
    expect(bytes).toBeGreaterThan(100 * MIB);
    expect(most).toBeLessThan(8 * MIB);
  });

  test("breaks off when the person loses the right to see it", async () => {
    let asked = 0;
    const many = Array.from({ length: 500 }, (_, i) => said(`b${i}`, "word"));
    await expect(json(many, { allowed: async () => ++asked === 1 })).rejects.toThrow("no longer");
  });
});

describe("the export route", () => {
  let app: TestApp;
  let ana: TestPerson;
  let company: string;
  const run = newId("run");
  const path = (format: string) => `/api/companies/${company}/runs/${run}/export?format=${format}`;

  beforeEach(async () => {
    app = await TestApp.open();
    ana = await app.person("Ana");
    company = await ana.makeCompany("North");
    const agent = text((await ana.call("GET", `/api/companies/${company}/agents`)).body, "items", "0", "id");
    const view = viewOf({ id: run, title: "Water <b>the</b> plants", text: { head: "Wat", bytes: 50, ref: "ref_end" } });
    const event = JSON.stringify({ ...said("b1", { head: "Wat", bytes: 50, ref: "ref_end" }), run, seq: 1, at: AT });
    await app.services.write(() => [
      {
        sql: "INSERT INTO runs (id, company, agent, state, outcome, queued_at, last_seq, json) VALUES (?, ?, ?, 'ended', 'done', ?, 1, ?)",
        args: [run, company, agent, AT, JSON.stringify(view)],
      },
      {
        sql: `INSERT INTO room_events (room_party, room, epoch, seq, company, run, type, at, json)
          VALUES ('agent', ?, 'e', 1, ?, ?, 'block.ended', ?, ?)`,
        args: [agent, company, run, AT, event],
      },
      {
        sql: "INSERT INTO refs (ref, room_party, room, company, text) VALUES ('ref_end', 'agent', ?, ?, 'Watered, all of them.')",
        args: [agent, company],
      },
    ]);
  });
  afterEach(() => app.close());

  test("gives a file to save that no browser runs in our name", async () => {
    const page = await ana.call("GET", path("html"));
    expect(page.status).toBe(200);
    expect(page.headers.get("content-disposition")).toMatch(/^attachment; filename=".+\.html"/);
    expect(page.headers.get("content-security-policy")).toMatch(/^sandbox; default-src 'none'/);
    expect(page.headers.get("x-content-type-options")).toBe("nosniff");
    expect(page.text).toContain("Water &lt;b&gt;the&lt;/b&gt; plants");
    expect(page.text).toContain("Watered, all of them.");
    const file = await ana.call("GET", path("json"));
    expect(file.body).toMatchObject({
      run: { text: "Watered, all of them." },
      events: [{ text: "Watered, all of them." }],
      complete: true,
    });
  });

  test("gives nothing to people of other companies", async () => {
    const sam = await ana.invite("Sam", await ana.makeCompany("South"), "owner");
    for (const format of ["json", "html"]) {
      const reply = await sam.call("GET", path(format));
      expect(reply.status).toBe(404);
      expect(reply.text).not.toContain("Water");
    }
  });
});
