import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SEARCH_KINDS } from "../../db/schema/search.ts";
import { openTestDatabase, type TestDatabase } from "../../db/test-database.ts";
import { type Doc, writeDoc } from "./documents.ts";
import { matchExpression, partsOf, type SearchFilter, search } from "./query.ts";

const AT = "2026-11-17T10:00:00.000Z";
let database: TestDatabase;

beforeEach(async () => {
  database = await openTestDatabase();
  for (const company of ["co_A1", "co_B2"]) {
    await database.writer.execute({
      sql: "INSERT INTO companies (id, name, prefix, created_by, created_at) VALUES (?, ?, 'X', 'u_1', ?)",
      args: [company, company, AT],
    });
  }
});
afterEach(() => database.remove());

let n = 0;
async function put(body: string, over: Partial<Doc> = {}): Promise<string> {
  const key = over.key ?? `message:msg_${++n}`;
  const doc: Doc = { key, company: "co_A1", kind: "message", ref: key, byName: "Ana", at: AT, body, ...over };
  const { sql, args = [] } = writeDoc(doc);
  await database.writer.execute({ sql, args });
  return key;
}

async function find(typed: string, filter: Partial<SearchFilter> = {}, company = "co_A1"): Promise<string[]> {
  const match = matchExpression(typed);
  if (match === undefined) return [];
  const found = await search(database.read, { company, user: "u_1" }, match, { kinds: SEARCH_KINDS, ...filter }, 50);
  return found.map(({ ref }) => ref);
}

describe("search", () => {
  test("finds what holds every word, the last one as a beginning, whatever its case and accents", async () => {
    const mine = await put("Die Prüfung der Dachrinne am Dienstag");
    await put("Die Prüfung der Steuer");
    expect(await find("prufung DACHR")).toEqual([mine]);
    expect(await find("prüfung dienstag")).toEqual([mine]);
    expect(await find("prüfung dachboden")).toEqual([]);
  });

  test("keeps words in quotes together", async () => {
    const mine = await put("open the second door");
    await put("the door, the second one, open");
    expect(await find('"second door"')).toEqual([mine]);
  });

  test("is newest first and goes on below a place", async () => {
    const first = await put("ledger one");
    const second = await put("ledger two");
    expect(await find("ledger")).toEqual([second, first]);
    const match = matchExpression("ledger") ?? "";
    const who = { company: "co_A1", user: "u_1" };
    const [newest] = await search(database.read, who, match, { kinds: SEARCH_KINDS }, 1);
    expect(await find("ledger", { below: newest?.id })).toEqual([first]);
  });

  test("never shows what another company wrote, nor finds its id as a word", async () => {
    await put("secret plan", { company: "co_B2" });
    expect(await find("secret")).toEqual([]);
    expect(await find("coB2")).toEqual([]);
    expect(await find("secret", {}, "co_B2")).toHaveLength(1);
  });

  test("shows what was said in private to those it is private to, and to nobody else", async () => {
    const run = (sql: string, ...args: string[]) => database.writer.execute({ sql, args });
    await run(
      `INSERT INTO agents (id, company, name, title, runtime, model, instructions, tools, created_by, created_at, updated_by, updated_at)
        VALUES ('ag_1', 'co_A1', 'Guide', '', 'native', 'rehearsal', '', '{}', 'u_1', ?, 'u_1', ?)`,
      AT,
      AT,
    );
    await run(
      `INSERT INTO sessions (id, company, agent, title, private, created_by, created_at, updated_at)
        VALUES ('ss_1', 'co_A1', 'ag_1', 'Salaries', 1, 'u_1', ?, ?)`,
      AT,
      AT,
    );
    const mine = await put("the salary of everybody", { session: "ss_1" });
    expect(await find("salary")).toEqual([]);
    await run(
      "INSERT INTO users (id, email, name, timezone, password_hash, created_at) VALUES ('u_1', 'a@b', 'Ana', 'UTC', 'x', ?)",
      AT,
    );
    await run("INSERT INTO session_people (session, user) VALUES ('ss_1', 'u_1')");
    expect(await find("salary")).toEqual([mine]);
  });

  test("filters by kind, agent and time", async () => {
    const step = await put("budget review", { kind: "step", agent: "ag_X1", run: "run_1", seq: 7 });
    const late = await put("budget talk", { at: "2026-11-19T10:00:00.000Z" });
    expect(await find("budget", { kinds: ["step"] })).toEqual([step]);
    expect(await find("budget", { agent: "ag_X1" })).toEqual([step]);
    expect(await find("budget", { from: "2026-11-18T00:00:00.000Z" })).toEqual([late]);
    expect(await find("budget", { to: "2026-11-18T00:00:00.000Z" })).toEqual([step]);
  });

  test("follows an edit and forgets what was removed, also with its company", async () => {
    const key = await put("teh typo");
    await put("the right word", { key });
    expect(await find("typo")).toEqual([]);
    expect(await find("right")).toEqual([key]);
    await database.writer.execute("DELETE FROM companies WHERE id = 'co_A1'");
    const { rows } = await database.read.execute("SELECT count(*) AS n FROM search_index WHERE search_index MATCH 'right'");
    expect(rows[0]?.n).toBe(0);
  });

  test.each(['"', "AND", "NEAR(", "a* OR b", "-x", "^", "scope:coB2", "'; DROP TABLE runs; --", "()", "{}", "🦊", "\u0000", "*"])(
    "takes %j as words and never as a query",
    async (typed) => {
      await put("nothing of that");
      await expect(find(typed)).resolves.toBeInstanceOf(Array);
    },
  );

  test("has nothing to look for where there are no letters", () => {
    expect(matchExpression(' "" --- 🦊 ')).toBeUndefined();
  });

  test("marks what was hit", async () => {
    await put("please water the old fern today");
    const match = matchExpression("fern") ?? "";
    const [hit] = await search(database.read, { company: "co_A1", user: "u_1" }, match, { kinds: SEARCH_KINDS }, 1);
    expect(hit?.snippet.filter((part) => part.hit)).toEqual([{ text: "fern", hit: true }]);
    expect(hit?.snippet.map((part) => part.text).join("")).toBe("please water the old fern today");
    expect(partsOf("plain")).toEqual([{ text: "plain", hit: false }]);
  });
});
