/** Search over a company that has talked and worked for a while: one query of what a person might type. */
import { SEARCH_KINDS } from "../../db/schema/search.ts";
import { openTestDatabase, type TestDatabase } from "../../db/test-database.ts";
import { type Doc, writeDoc } from "../../server/search/documents.ts";
import { matchExpression, search } from "../../server/search/query.ts";
import { type Benchmark, type Figure, type Lab, percentile } from "./figure.ts";

const DOCUMENTS = 100_000;
/** documents per commit while the company is filled */
const PER_COMMIT = 1_000;
/** words of a document, about a paragraph */
const WORDS = 60;
/** different words there are; the first ones are common, as in every language */
const VOCABULARY = 20_000;
const QUERIES = 200;
const GOAL_MS = 100;
const COMPANY = "co_BENCH";
const AT = "2026-11-20T10:00:00.000Z";

/** Deterministic numbers from 0 to 1, so that two runs search the same texts. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

const SYLLABLES = [..."bdfgklmnprstvz"].flatMap((consonant) => [..."aeiou"].map((vowel) => consonant + vowel));

/** Words of two to five syllables, as different in how they begin as those of a language. */
const DICTIONARY = (() => {
  const random = randomFrom(3);
  const syllable = (): string => SYLLABLES[Math.floor(random() * SYLLABLES.length)] ?? "";
  return Array.from({ length: VOCABULARY }, (_, n) => Array.from({ length: 2 + (n % 4) }, syllable).join(""));
})();

const nth = (n: number): string => DICTIONARY[Math.floor(n)] ?? "";

/** A word by Zipf's law: the n-th one is n times rarer than the first. */
function wordOf(random: () => number): string {
  return nth(VOCABULARY ** random() - 1);
}

async function fill({ writer }: TestDatabase, say: Lab["say"]): Promise<void> {
  const random = randomFrom(1);
  await writer.execute({
    sql: "INSERT INTO companies (id, name, prefix, created_by, created_at) VALUES (?, 'Bench', 'B', 'u_1', ?)",
    args: [COMPANY, AT],
  });
  for (let from = 0; from < DOCUMENTS; from += PER_COMMIT) {
    const docs = Array.from({ length: PER_COMMIT }, (_, i): Doc => {
      const body = Array.from({ length: WORDS }, () => wordOf(random)).join(" ");
      const key = `message:msg_${from + i}`;
      return { key, company: COMPANY, kind: i % 2 === 0 ? "message" : "step", ref: key, byName: "Ana", at: AT, body };
    });
    await writer.batch(
      docs.map(writeDoc).map(({ sql, args }) => ({ sql, args: args ?? [] })),
      "write",
    );
  }
  say(`${DOCUMENTS} documents are there`);
}

type Kind = { what: string; query(random: () => number): string };
const KINDS: readonly Kind[] = [
  { what: "two words somebody remembers", query: (random) => `${nth(100 + random() * 900)} ${wordOf(random)}` },
  { what: "one rare word", query: (random) => nth(5_000 + random() * 15_000) },
  { what: "the two commonest words", query: () => `${nth(0)} ${nth(1)}` },
  { what: "three letters of a word, while typing", query: (random) => nth(random() * 1_000).slice(0, 3) },
];

async function measure({ read }: TestDatabase, { what, query }: Kind): Promise<Figure> {
  const random = randomFrom(7);
  const times: number[] = [];
  for (let n = 0; n < QUERIES; n++) {
    const match = matchExpression(query(random));
    if (match === undefined) throw new Error("the query holds no word");
    const started = performance.now();
    await search(read, { company: COMPANY, user: "u_1" }, match, { kinds: SEARCH_KINDS }, 20);
    times.push(performance.now() - started);
  }
  return { what: `${what}, p95`, unit: "ms", samples: [percentile(times, 0.95)], goal: { most: GOAL_MS } };
}

export const searching: Benchmark = {
  name: "search",
  about: `search over ${DOCUMENTS} messages and steps`,
  async run({ say }) {
    const database = await openTestDatabase();
    try {
      await fill(database, say);
      const figures: Figure[] = [];
      for (const kind of KINDS) figures.push(await measure(database, kind));
      return figures;
    } finally {
      database.remove();
    }
  },
};
