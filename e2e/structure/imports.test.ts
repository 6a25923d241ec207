/** Imports point one way, and what decides is pure: the rules of docs/architecture.md, held for every file. */
import { expect, test } from "vitest";
import { type Import, importsOf, loadedWith, readSources, type SourceFile } from "./source.ts";

const SOURCES = readSources();
const BY_PATH = new Map(SOURCES.map((file) => [file.path, file]));

const inside =
  (...folders: string[]) =>
  (path: string | undefined): boolean =>
    folders.some((folder) => path?.startsWith(`${folder}/`));

/** Tests, and what only they use. */
const ofTests = (path: string | undefined): boolean =>
  path !== undefined &&
  /^e2e\/|^playwright\.config|\/(testing|fixtures|golden|matrix)\/|\.test\.tsx?$|\/test-[^/]+\.ts$|-child\.ts$/.test(path);

/** The rooms' decisions, without the classes around them. */
const isCore = (path: string): boolean =>
  /^party\/(company|agent|session)\/[^/]+\.ts$/.test(path) && !path.endsWith("/room.ts") && !ofTests(path);
/** The reducers that rooms and app share. */
const isReducer = (path: string): boolean => /^party\/protocol\/[^/]+-state\.ts$/.test(path);

type Rule = { what: string; files: (path: string) => boolean; forbids: (imported: Import) => boolean };

const RULES: readonly Rule[] = [
  {
    what: "rooms import nothing of server, records, app and journeys",
    files: inside("party"),
    forbids: ({ target }) => inside("server", "db", "app", "e2e")(target),
  },
  {
    what: "the wire imports nothing but itself",
    files: inside("party/protocol"),
    forbids: ({ target }) => target !== undefined && !inside("party/protocol")(target),
  },
  {
    what: "the app imports of the rooms only the wire, and nothing of the records",
    files: inside("app"),
    forbids: ({ target }) => inside("db", "e2e")(target) || (inside("party")(target) && !inside("party/protocol")(target)),
  },
  {
    what: "the app knows of the server only the type of its API",
    files: inside("app"),
    forbids: ({ target, typeOnly }) => inside("server")(target) && !(typeOnly && target === "server/api/app.ts"),
  },
  {
    what: "the app, which runs in browsers, imports nothing of Node",
    files: (path) => inside("app")(path) && !ofTests(path),
    forbids: ({ specifier }) => specifier.startsWith("node:"),
  },
  {
    what: "the server imports of the rooms only the wire, and nothing of the app",
    files: inside("server"),
    forbids: ({ target }) => inside("app")(target) || (inside("party")(target) && !inside("party/protocol")(target)),
  },
  {
    what: "of what plays the whole, the server's tests use the fakes of outside services only",
    files: inside("server"),
    forbids: ({ target }) => inside("e2e")(target) && !inside("e2e/fakes")(target),
  },
  {
    what: "the records import of the rest only the wire",
    files: inside("db"),
    forbids: ({ target }) => target !== undefined && !inside("db", "party/protocol")(target),
  },
  {
    what: "what reads a skill imports nothing, because app and runner share it",
    files: (path) => path === "skills/skill-file.ts",
    forbids: () => true,
  },
  {
    what: "what only tests use stays out of the product",
    files: (path) => !ofTests(path),
    forbids: ({ target }) => ofTests(target),
  },
];

test.each(RULES)("$what", ({ files, forbids }) => {
  const bound = SOURCES.filter(({ path }) => files(path));
  expect(bound).not.toEqual([]);
  expect(bound.flatMap((file) => file.imports.filter(forbids).map((imported) => said(file, imported)))).toEqual([]);
});

/** Digests and signatures: sums over what is handed in, which the platform computes best. */
const MAY_HASH = ["party/protocol/digest.ts", "party/protocol/sign.ts"];

test("what a room decides with loads no I/O: schemas and hashes only", () => {
  expect(foreignTo(isCore, ({ path }, specifier) => specifier === "zod" || hashes(path, specifier))).toEqual([]);
});

test("a reducer loads no package at all, no schemas either: the app's first load carries it", () => {
  expect(foreignTo(isReducer, () => false)).toEqual([]);
});

function hashes(path: string, specifier: string): boolean {
  return specifier === "node:crypto" && MAY_HASH.includes(path);
}

/** Packages and built-in modules that these files load, by themselves or through others, and may not. */
function foreignTo(files: (path: string) => boolean, may: (file: SourceFile, specifier: string) => boolean): string[] {
  const starts = SOURCES.filter(({ path }) => files(path));
  expect(starts).not.toEqual([]);
  const loaded = new Set(starts.flatMap((file) => loadedWith(file, BY_PATH)));
  return [...loaded].flatMap((file) =>
    file.imports
      .filter(({ target, typeOnly, specifier }) => target === undefined && !typeOnly && !may(file, specifier))
      .map((imported) => said(file, imported)),
  );
}

/** Clock, chance, network and waiting: a core gets the first two passed in and has no use for the others. */
const IMPURE = /\b(?:Date\.now|Math\.random|performance\.now|setTimeout|setInterval|fetch|crypto|await|async)\b|new Date\(\)/;

test("what a room decides with reads no clock, throws no dice, waits for nothing", () => {
  const cores = SOURCES.filter(({ path }) => isCore(path) || isReducer(path));
  expect(cores.filter(({ code }) => IMPURE.test(code)).map(({ path, code }) => `${path}: ${IMPURE.exec(code)?.[0]}`)).toEqual([]);
});

function said({ path }: SourceFile, { line, specifier }: Import): string {
  return `${path}:${line} imports ${specifier}`;
}

test("every form of import is read", () => {
  const text = [
    'import type { A } from "./a.ts";',
    'import { type B } from "../b.ts";',
    "import {",
    "  c,",
    '} from "zod";',
    'import "./d.css";',
    'import * as e from "node:fs";',
    'export { f } from "./f.ts";',
    'export type * from "./g.ts";',
    'const h = () => import("./h.ts");',
    '// import("./not.ts")',
  ].join("\n");
  expect(importsOf("party/lib/x.ts", text)).toEqual([
    { specifier: "./a.ts", typeOnly: true, line: 1, target: "party/lib/a.ts" },
    { specifier: "../b.ts", typeOnly: false, line: 2, target: "party/b.ts" },
    { specifier: "zod", typeOnly: false, line: 3 },
    { specifier: "./d.css", typeOnly: false, line: 6, target: "party/lib/d.css" },
    { specifier: "node:fs", typeOnly: false, line: 7 },
    { specifier: "./f.ts", typeOnly: false, line: 8, target: "party/lib/f.ts" },
    { specifier: "./g.ts", typeOnly: true, line: 9, target: "party/lib/g.ts" },
    { specifier: "./h.ts", typeOnly: false, line: 10, target: "party/lib/h.ts" },
  ]);
});
