/** The walls between the parts of the project, held by the imports themselves. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "..");
const IMPORT =
  /^(?:import|export)\s(?<type>type\s)?(?:[^;"']*?\sfrom\s)?["'](?<from>[^"']+)["']|\bimport\(\s*["'](?<lazy>[^"']+)["']\s*\)/gm;

type Import = { file: string; from: string; isType: boolean };

function sourcesOf(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => join(folder, file));
}

/** Imports of a file; those of the project as paths from its root, packages by their name. */
function importsOf(file: string): Import[] {
  return [...readFileSync(join(ROOT, file), "utf8").matchAll(IMPORT)].map(({ groups }) => {
    const from = groups?.from ?? groups?.lazy ?? "";
    const target = from.startsWith(".") ? relative(ROOT, resolve(ROOT, dirname(file), from)) : from;
    return { file, from: target, isType: groups?.type !== undefined };
  });
}

const isTest = (file: string): boolean => /\.test\.tsx?$|\/testing\//.test(file);
const shown = ({ file, from }: Import): string => `${file} imports ${from}`;
const within = (path: string, ...folders: string[]): boolean => folders.some((folder) => path.startsWith(`${folder}/`));

const party = sourcesOf("party").flatMap(importsOf);
const app = sourcesOf("app").flatMap(importsOf);
const server = sourcesOf("server").flatMap(importsOf);
const db = sourcesOf("db").flatMap(importsOf);

describe("imports point one way", () => {
  it("finds them at all", () => {
    expect(party.length).toBeGreaterThan(100);
    expect(party.some(({ from }) => from === "party/protocol/limits.ts")).toBe(true);
    expect(app.some(({ from, isType }) => isType && within(from, "party"))).toBe(true);
  });

  it("rooms know nothing of the server, the database, the app or the journeys", () => {
    expect(party.filter(({ from }) => within(from, "server", "db", "app", "e2e")).map(shown)).toEqual([]);
  });

  it("the protocol knows nothing of the rooms", () => {
    const inside = party.filter(({ file }) => within(file, "party/protocol"));
    expect(inside.filter(({ from }) => within(from, "party") && !within(from, "party/protocol")).map(shown)).toEqual([]);
  });

  it("the app takes of the server only types of its API, and of the rooms only the protocol", () => {
    const wrong = app.filter(({ from, isType }) => {
      if (within(from, "server")) return !isType;
      return within(from, "db", "e2e") || (within(from, "party") && !within(from, "party/protocol"));
    });
    expect(wrong.map(shown)).toEqual([]);
  });

  it("the server takes of the rooms only the protocol, and nothing of the app", () => {
    const wrong = server.filter(({ file, from }) => {
      if (isTest(file)) return false;
      return within(from, "app", "e2e") || (within(from, "party") && !within(from, "party/protocol"));
    });
    expect(wrong.map(shown)).toEqual([]);
  });

  it("the database knows nothing of the rest but the protocol", () => {
    const wrong = db.filter(({ file, from }) => {
      if (isTest(file)) return false;
      return within(from, "server", "app", "e2e") || (within(from, "party") && !within(from, "party/protocol"));
    });
    expect(wrong.map(shown)).toEqual([]);
  });
});

describe("a room's core is pure", () => {
  const shells = ["party/host.ts", "party/lib/party.ts"];
  const cores = sourcesOf("party").filter((file) => {
    if (isTest(file) || shells.includes(file) || file.endsWith("/room.ts")) return false;
    return within(file, "party/agent", "party/company", "party/session") || file === "party/lib/core.ts";
  });

  it("imports no platform and no shell", () => {
    const allowed = (from: string) =>
      from === "party/lib/core.ts" || within(from, "party/protocol", "party/agent", "party/company", "party/session");
    const wrong = cores.flatMap(importsOf).filter(({ from }) => !allowed(from));
    expect(wrong.map(shown)).toEqual([]);
  });

  it("has no clock, no chance, no await and no platform of its own", () => {
    const impure = /\b(Date\.now|new Date\(\)|Math\.random|crypto\.|setTimeout|fetch\(|await |async |process\.|console\.)/;
    const wrong = cores.filter((file) => impure.test(readFileSync(join(ROOT, file), "utf8")));
    expect(wrong).toEqual([]);
  });

  it("is met by the platform in two files alone", () => {
    const platform = party.filter(
      ({ from, isType }) => /^(partyserver|cloudflare:)/.test(from) || (from.startsWith("partykit") && !isType),
    );
    expect([...new Set(platform.map(({ file }) => file))]).toEqual(["party/host.ts"]);
    const partykit = party.filter(({ from }) => from.startsWith("partykit"));
    expect(partykit.map(({ file }) => file).sort()).toEqual(shells.sort());
  });
});
