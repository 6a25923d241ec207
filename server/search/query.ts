/** Full-text search: what a person typed, as a query of the index, and the newest of what it finds. */
import type { Client, InValue, Row } from "@libsql/client/sqlite3";
import { SEARCH_KINDS } from "../../db/schema/search.ts";
import { notHidden } from "../api/live/sessions/visible.ts";
import { type SearchKind, scopeWords } from "./documents.ts";

/** words of one query that count; more would only narrow what is already narrow */
const MAX_WORDS = 12;
/** words of a snippet */
const SNIPPET_WORDS = 24;
/** Marks around a hit inside the index: control characters, which no text that is shown contains. */
const HIT_START = "\u0002";
const HIT_END = "\u0003";

/** The conversation of a document: its own or, of a file written before its run was archived, that of the run. */
const PLACE = "coalesce(d.session, (SELECT r.session FROM runs r WHERE r.id = d.run))";

export type SearchFilter = {
  kinds: readonly SearchKind[];
  agent?: string;
  /** ISO times */
  from?: string;
  to?: string;
  /** only what is older than this document */
  below?: number;
};

/** A piece of a text that was found; `hit` where it is what was looked for. */
export type SnippetPart = { text: string; hit: boolean };

export type Found = {
  id: number;
  kind: SearchKind;
  ref: string;
  agent?: string;
  session?: string;
  run?: string;
  seq?: number;
  byName: string;
  at: string;
  snippet: SnippetPart[];
};

/**
 * The query of the index for what a person typed: every word must occur, the last one as the beginning of a word, "words in
 * quotes" one after another. Undefined when there is no word in it.
 */
export function matchExpression(typed: string): string | undefined {
  const terms = [...typed.normalize("NFC").matchAll(/"([^"]+)"|([^\s"]+)/gu)]
    .map(([, phrase, word]) => ({ words: wordsOf(phrase ?? word ?? ""), isPhrase: phrase !== undefined }))
    .filter(({ words }) => words !== "")
    .slice(0, MAX_WORDS);
  if (terms.length === 0) return undefined;
  return terms
    .map(({ words, isPhrase }, index) => `"${words}"${index === terms.length - 1 && !isPhrase ? " *" : ""}`)
    .join(" AND ");
}

/** The query for the runs whose title or steps hold what a person typed; it finds nothing where that holds no word. */
export function runQuery(company: string, typed: string): string {
  const match = matchExpression(typed);
  return match === undefined ? 'body : ""' : indexQuery(company, ["run", "step"], undefined, match);
}

function indexQuery(company: string, kinds: readonly SearchKind[], agent: string | undefined, match: string): string {
  const scopes = kinds.map((kind) => `(${scopeWords({ company, kind, agent }).join(" AND ")})`);
  return `scope : (${scopes.join(" OR ")}) AND body : (${match})`;
}

/** The letters and digits in a text; the rest separates words in the index as well. */
function wordsOf(text: string): string {
  return text.replace(/[^\p{L}\p{N}\p{M}]+/gu, " ").trim();
}

/**
 * What matches, newest first, of what the person may see.
 * @param user conversations that are private to others are left out
 */
export async function search(
  read: Client,
  { company, user }: { company: string; user: string },
  match: string,
  filter: SearchFilter,
  limit: number,
): Promise<Found[]> {
  const where = ["search_index MATCH ?"];
  const args: InValue[] = [indexQuery(company, filter.kinds, filter.agent, match)];
  const add = (sql: string, value: InValue | undefined): void => {
    if (value === undefined) return;
    where.push(sql);
    args.push(value);
  };
  add("d.at >= ?", filter.from);
  add("d.at < ?", filter.to);
  add("search_index.rowid < ?", filter.below);
  // Of a private conversation only its people find anything.
  where.push(notHidden(PLACE));
  args.push(user);
  const { rows } = await read.execute({
    sql: `SELECT d.id, d.kind, d.ref, d.agent, d.session, d.run, d.seq, d.by_name, d.at,
        snippet(search_index, 1, '${HIT_START}', '${HIT_END}', '…', ${SNIPPET_WORDS}) AS snippet
      FROM search_index JOIN search_docs d ON d.id = search_index.rowid
      WHERE ${where.join(" AND ")} AND d.company = ?
      ORDER BY search_index.rowid DESC LIMIT ?`,
    args: [...args, company, limit],
  });
  return rows.map(fromRow);
}

function fromRow(row: Row): Found {
  const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
  return {
    id: Number(row.id),
    kind: SEARCH_KINDS.find((kind) => kind === row.kind) ?? "step",
    ref: String(row.ref),
    agent: text(row.agent),
    session: text(row.session),
    run: text(row.run),
    seq: row.seq === null ? undefined : Number(row.seq),
    byName: String(row.by_name),
    at: String(row.at),
    snippet: partsOf(String(row.snippet)),
  };
}

/** Cuts a snippet at the marks around its hits. */
export function partsOf(snippet: string): SnippetPart[] {
  return snippet
    .split(HIT_START)
    .flatMap((piece, index) => {
      if (index === 0) return [{ text: piece, hit: false }];
      const [hit = "", ...rest] = piece.split(HIT_END);
      return [
        { text: hit, hit: true },
        { text: rest.join(""), hit: false },
      ];
    })
    .filter((part) => part.text !== "");
}
