/** The project's own source as text, with what each file imports. Read once, never parsed: imports stand in a fixed form. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FOLDERS = ["app", "db", "e2e", "party", "server", "skills"];

export type Import = {
  specifier: string;
  line: number;
  /** `import type` or `export type`: gone at run time. A `type` inside the braces leaves the import in place. */
  typeOnly: boolean;
  /** the imported file's path from the project's root; absent for packages and built-in modules */
  target?: string;
};

export type SourceFile = {
  /** from the project's root, with forward slashes */
  path: string;
  text: string;
  /** the text with comments and what is inside quotes blanked out, line by line the same */
  code: string;
  imports: readonly Import[];
};

/** Every TypeScript file of the project, its tests included. */
export function readSources(): SourceFile[] {
  const paths = FOLDERS.flatMap((folder) => filesUnder(join(ROOT, folder)));
  const top = readdirSync(ROOT).map((name) => join(ROOT, name));
  return [...paths, ...top].filter((path) => /\.tsx?$/.test(path)).map((path) => readSource(path));
}

function filesUnder(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

function readSource(path: string): SourceFile {
  const fromRoot = relative(ROOT, path);
  const text = readFileSync(path, "utf8");
  return { path: fromRoot, text, code: withoutWords(text), imports: importsOf(fromRoot, text) };
}

/** `import … from`, `export … from` and `import "…"` as the formatter lays them out: at the beginning of a line. */
const STATIC = /^(?:import|export)\s+(type\s)?(?:[\w$\s{},*]*?\bfrom\s+)?"([^"]+)"/gm;
const DYNAMIC = /\bimport\(\s*"([^"]+)"/g;

/** What a file imports, in the order in which it says so. @param path from the project's root */
export function importsOf(path: string, text: string): Import[] {
  const found = [
    ...[...text.matchAll(STATIC)].map((match) => ({ match, specifier: match[2] ?? "", typeOnly: match[1] !== undefined })),
    ...[...withoutComments(text).matchAll(DYNAMIC)].map((match) => ({ match, specifier: match[1] ?? "", typeOnly: false })),
  ];
  return found.map(({ match, specifier, typeOnly }) => ({
    specifier,
    typeOnly,
    line: text.slice(0, match.index).split("\n").length,
    ...(specifier.startsWith(".") && { target: join(dirname(path), specifier) }),
  }));
}

/** Strings, templates and comments. A quote inside a regular expression can mislead it, to the end of its line at most. */
const WORDS = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;

function withoutComments(text: string): string {
  return text.replace(WORDS, (words) => (words.startsWith("/") ? blank(words) : words));
}

function withoutWords(text: string): string {
  return text.replace(WORDS, blank);
}

/** As long as before, with its line ends, so that places stay what they are. */
function blank(words: string): string {
  return words.replace(/[^\n]/g, " ");
}

/** Everything that is loaded with a file: itself and what it imports at run time, and so on. */
export function loadedWith(file: SourceFile, sources: ReadonlyMap<string, SourceFile>): SourceFile[] {
  const loaded = new Set<SourceFile>();
  const queue = [file];
  for (let next = queue.pop(); next; next = queue.pop()) {
    if (loaded.has(next)) continue;
    loaded.add(next);
    for (const { target, typeOnly } of next.imports) {
      const imported = target === undefined || typeOnly ? undefined : sources.get(target);
      if (imported) queue.push(imported);
    }
  }
  return [...loaded];
}
