/** Which calls a pattern covers. Pure, and shared: the room decides by it, the api counts by it, the app offers by it. */
import { assertNever } from "../assert.ts";
import type { Risk } from "../common.ts";
import type { ArgumentPattern, CallPattern } from "./schema.ts";
import { leastWords, plainWords, whyNoPattern } from "./shell-words.ts";

/** A call as it is asked for: canonical JSON of its arguments, and the folder it runs in. */
export type AskedCall = { tool: string; input: string; cwd: string };

/** The argument that says what a native tool acts on, and those that may be anything beside it. */
type Subject = { argument: string; of: "command" | "path"; free: readonly string[] };
const SUBJECTS: ReadonlyMap<string, Subject> = new Map([
  ["shell", { argument: "command", of: "command", free: ["timeoutMs"] }],
  ["write_file", { argument: "path", of: "path", free: ["content"] }],
  ["edit_file", { argument: "path", of: "path", free: ["find", "replace"] }],
  ["read_file", { argument: "path", of: "path", free: ["pages"] }],
  ["list_files", { argument: "path", of: "path", free: [] }],
  ["search_files", { argument: "path", of: "path", free: ["pattern"] }],
] as const);

/** What a tool's patterns are about; undefined for tools that are known only by name. */
export function subjectOf(tool: string): Subject | undefined {
  return SUBJECTS.get(tool);
}

/** The arguments of a call; undefined when they are no JSON object, such as the beginning of a long text. */
export function argumentsOf(input: string): ReadonlyMap<string, unknown> | undefined {
  const value = readJson(input);
  return typeof value === "object" && value !== null && !Array.isArray(value) ? new Map(Object.entries(value)) : undefined;
}

/** True when the pattern covers the call. What it does not speak about is not covered. */
export function covers(pattern: CallPattern, call: AskedCall): boolean {
  const given = argumentsOf(call.input);
  const subject = subjectOf(call.tool);
  const parts = new Map(Object.entries(pattern));
  if (!given || parts.size === 0) return false;
  if (subject && !parts.has(subject.argument)) return false;
  const spokenOf = [...given.keys()].every((name) => parts.has(name) || (subject?.free.includes(name) ?? false));
  return (
    spokenOf && [...parts].every(([name, part]) => given.has(name) && coversArgument(part, name, given.get(name), call, subject))
  );
}

function coversArgument(
  part: ArgumentPattern,
  name: string,
  value: unknown,
  { cwd }: AskedCall,
  subject: Subject | undefined,
): boolean {
  const of = subject?.argument === name ? subject.of : undefined;
  // Whatever the pattern says, a command that a shell reads as more than words, or that runs others, is asked again.
  const words = of === "command" ? safeWords(value) : undefined;
  if (of === "command" && !words) return false;
  switch (part.kind) {
    case "exact":
      return of === "path" ? samePath(part.json, value, cwd) : part.json === exactJson(value);
    case "words":
      return words !== undefined && part.words.length >= leastWords(words) && part.words.every((word, i) => words[i] === word);
    case "folder": {
      const path = of === "path" ? pathInside(value, cwd) : undefined;
      const folder = pathInside(part.folder, cwd);
      return path !== undefined && folder !== undefined && folder !== "" && path.startsWith(`${folder}/`);
    }
    case "prefix":
      return subject === undefined && typeof value === "string" && !isOpenHost(part.text) && value.startsWith(part.text);
    default:
      return assertNever(part);
  }
}

/** The words of a command that a pattern may speak about. */
function safeWords(value: unknown): string[] | undefined {
  const words = typeof value === "string" ? plainWords(value) : undefined;
  return words && whyNoPattern(words) === undefined ? words : undefined;
}

/** An address that stops in the middle of its host would cover hosts that only begin like it. */
function isOpenHost(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/{0,2}[^/]*$/i.test(text);
}

function samePath(json: string, value: unknown, cwd: string): boolean {
  const path = pathInside(value, cwd);
  return path !== undefined && path === pathInside(readJson(json), cwd);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A value as canonical JSON; arguments come out of canonical JSON, so their keys are in order already. */
export function exactJson(value: unknown): string {
  return JSON.stringify(value ?? null);
}

/**
 * A path relative to the workspace, without needless parts; undefined where it leads out, or might.
 * @param cwd the workspace as the call's agent sees it
 */
export function pathInside(value: unknown, cwd: string): string | undefined {
  if (typeof value !== "string" || value.includes("\0")) return undefined;
  const base = [cwd, "/workspace"].find((root) => value === root || value.startsWith(`${root}/`));
  const relative = base === undefined ? value : value.slice(base.length + 1);
  if (relative.startsWith("/")) return undefined;
  const parts = relative.split("/").filter((part) => part !== "" && part !== ".");
  return parts.includes("..") ? undefined : parts.join("/");
}

/** What of an ask decides whether its allow may count again. */
export type Rememberable = { need: number; everyTime?: boolean | undefined; risk: Risk };

/**
 * Why an allow can only count for this one call, as a sentence; undefined when it may count for more.
 * @param config of the company; one with four eyes wants two people each time
 */
export function whyOnlyOnce(ask: Rememberable, config: { fourEyes: boolean } | undefined): string | undefined {
  if (ask.need > 1) return "Several people have to agree, each time.";
  if (ask.everyTime) return "There is no sandbox around this, so it is asked every time.";
  if (ask.risk === "spend") return "Spending is asked every time.";
  if (ask.risk === "destroy") return "Destroying something is asked every time.";
  if (config?.fourEyes) return "This company wants a second pair of eyes on every call.";
  return undefined;
}

/** Why no pattern can cover a call, as a sentence; undefined when one can. An allow for the whole run may still be given. */
export function whyNoPatternFor(call: AskedCall, risk: Risk): string | undefined {
  if (risk === "unknown") return "This tool is not classed, so a pattern could allow anything.";
  const given = argumentsOf(call.input);
  if (!given) return "The arguments are too long to remember.";
  const subject = subjectOf(call.tool);
  if (given.size === 0 || (subject && !given.has(subject.argument))) return "It says nothing that a pattern could be about.";
  if (subject?.of === "path")
    return pathInside(given.get(subject.argument), call.cwd) === undefined ? "The path leads out of the workspace." : undefined;
  if (subject?.of !== "command") return undefined;
  const command = given.get(subject.argument);
  const words = typeof command === "string" ? plainWords(command) : undefined;
  if (!words) return "Its quotes, pipes, variables or other signs mean more to a shell than words, so it is asked every time.";
  const why = whyNoPattern(words);
  return why && `It is asked every time, because ${why}.`;
}
