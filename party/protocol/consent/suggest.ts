/** The patterns that are offered for a call, and how patterns are written for people. Pure. */
import { assertNever } from "../assert.ts";
import type { Risk } from "../common.ts";
import { type AskedCall, argumentsOf, covers, exactJson, pathInside, subjectOf, whyNoPatternFor } from "./cover.ts";
import type { ArgumentPattern, CallPattern } from "./schema.ts";
import { leastWords, plainWords } from "./shell-words.ts";

/** Words of a command that a pattern is offered for: what a program does is said in its first few. */
const MAX_WORDS = 3;
/** Folders above a file, or parts of an address, that are offered. */
const MAX_FOLDERS = 3;

/** Patterns that cover the call, the narrowest first; none where it is asked every time. */
export function suggestPatterns(call: AskedCall, risk: Risk): CallPattern[] {
  const given = argumentsOf(call.input);
  if (!given || whyNoPatternFor(call, risk) !== undefined) return [];
  return candidates(call, given).filter((pattern) => covers(pattern, call));
}

function candidates(call: AskedCall, given: ReadonlyMap<string, unknown>): CallPattern[] {
  const subject = subjectOf(call.tool);
  if (!subject) return forAnyTool(given);
  const { argument } = subject;
  const value = given.get(argument);
  const exact = { [argument]: { kind: "exact", json: exactJson(value) } } satisfies CallPattern;
  if (subject.of === "command") {
    const heads = typeof value === "string" ? headsOf(plainWords(value) ?? []) : [];
    return [exact, ...heads.map((words): CallPattern => ({ [argument]: { kind: "words", words } }))];
  }
  const folders = foldersOf(pathInside(value, call.cwd) ?? "");
  return [exact, ...folders.map((folder): CallPattern => ({ [argument]: { kind: "folder", folder } }))];
}

/** `npm run test -- --watch` begins with `npm run test`, `npm run` and `npm`: up to its first option. */
function headsOf(words: readonly string[]): string[][] {
  const option = words.findIndex((word) => word.startsWith("-"));
  const plain = words.slice(0, Math.min(option < 0 ? words.length : option, MAX_WORDS));
  return plain.map((_, i) => plain.slice(0, plain.length - i)).filter((head) => head.length >= leastWords(words));
}

function foldersOf(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, i) => parts.slice(0, parts.length - i).join("/")).slice(0, MAX_FOLDERS);
}

/** Every argument exactly; and, where one is a web address, addresses that begin like it. */
function forAnyTool(given: ReadonlyMap<string, unknown>): CallPattern[] {
  const exact = Object.fromEntries([...given].map(([name, value]) => [name, { kind: "exact" as const, json: exactJson(value) }]));
  const address = [...given].find((entry): entry is [string, string] => isAddress(entry[1]));
  if (!address) return [exact];
  const [name, value] = address;
  return [exact, ...beginningsOf(value).map((text): CallPattern => ({ ...exact, [name]: { kind: "prefix", text } }))];
}

function isAddress(value: unknown): boolean {
  return typeof value === "string" && /^https?:\/\/[^/?#]+\//.test(value);
}

/** `https://example.org/a/b?c` begins with `https://example.org/a/` and `https://example.org/`. */
function beginningsOf(address: string): string[] {
  const [whole = ""] = address.split(/[?#]/, 1);
  const begin = whole.indexOf("/", whole.indexOf("://") + 3);
  const ends = [...whole].flatMap((char, i) => (char === "/" && i >= begin ? [i + 1] : []));
  return ends
    .reverse()
    .slice(0, MAX_FOLDERS)
    .map((end) => whole.slice(0, end));
}

/** A pattern as people read it: `npm run *`, `docs/*`, `Every call`. */
export function patternWords(pattern: CallPattern | null): string {
  if (pattern === null) return "Every call";
  const parts = Object.entries(pattern);
  const only = parts.length === 1 ? parts[0] : undefined;
  return only ? argumentWords(only[1]) : parts.map(([name, part]) => `${name}: ${argumentWords(part)}`).join(", ");
}

function argumentWords(part: ArgumentPattern): string {
  switch (part.kind) {
    case "exact":
      return textOf(part.json);
    case "words":
      return `${part.words.join(" ")} *`;
    case "folder":
      return `${part.folder}/*`;
    case "prefix":
      return `${part.text}*`;
    default:
      return assertNever(part);
  }
}

/** A text as it is, anything else as JSON. */
function textOf(json: string): string {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "string" ? value : json;
  } catch {
    return json;
  }
}
