/** What no file may hold, read from its text: the linter sees some of it, but not in every folder and not every form. */
import { expect, test } from "vitest";
import { readSources, type SourceFile } from "./source.ts";

const SOURCES = readSources();
const isTest = ({ path }: SourceFile): boolean => /\.(test|spec)\.tsx?$/.test(path);

/** Past this, a file has a second reason to change. */
const MAX_LINES = 400;

test(`no file is longer than ${MAX_LINES} lines`, () => {
  const long = SOURCES.map(({ path, text }) => ({ path, lines: text.trimEnd().split("\n").length }));
  expect(long.filter(({ lines }) => lines > MAX_LINES)).toEqual([]);
});

test("nothing is typed any", () => {
  expect(found(SOURCES, "code", /\bas\s+any\b|[:<|&,(]\s*any\s*(?:[;,)>=\]}|&[]|$)/)).toEqual([]);
});

/** The one seam where two packages type the same objects differently. */
const SEAM = "party/host.ts";

test("no cast goes around the compiler, but at the seam to the rooms' host", () => {
  const product = SOURCES.filter((file) => !isTest(file) && !file.path.startsWith("e2e/") && file.path !== SEAM);
  expect(found(product, "code", /\bas\s+(?:unknown\s+as|never)\b/)).toEqual([]);
});

test("no comment silences the compiler", () => {
  expect(found(SOURCES, "text", /@ts-(?:ignore|nocheck|expect-error)/)).toEqual([]);
});

test("no test is left out, and none runs alone", () => {
  expect(found(SOURCES.filter(isTest), "code", /\.(?:only|skip|todo|fails|fixme)\s*\(/)).toEqual([]);
});

/** They exist on HTTPS and localhost only; many people open Atrium by its plain address in a home network. */
test("the app needs no UUIDs of the browser, and the clipboard in one place that knows another way", () => {
  const app = SOURCES.filter(({ path }) => path.startsWith("app/"));
  expect(found(app, "code", /\brandomUUID\b/)).toEqual([]);
  expect(
    found(
      app.filter(({ path }) => path !== "app/lib/copy.ts"),
      "code",
      /\bnavigator\.clipboard\b/,
    ),
  ).toEqual([]);
});

function found(files: readonly SourceFile[], where: "code" | "text", pattern: RegExp): string[] {
  return files.flatMap((file) =>
    file[where].split("\n").flatMap((line, n) => (pattern.test(line) ? [`${file.path}:${n + 1} ${line.trim()}`] : [])),
  );
}
