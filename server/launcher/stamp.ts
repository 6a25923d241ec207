/**
 * Which built parts are older than their sources. A part is fresh when paths, sizes and times of its sources are those
 * of its last build, so an unchanged tree costs a few hundred `stat` calls and no build.
 */
import { createHash } from "node:crypto";
import { existsSync, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseRecord, readIfThere, writeDurably } from "./files.ts";
import { BUILD_PARTS, type BuildPart } from "./messages.ts";

/** Sources of each part: files or folders below the project. */
const SOURCES: Record<BuildPart, readonly string[]> = {
  rooms: ["party", "partykit.json", "server/rooms/host", "package-lock.json"],
  server: ["server", "party", "db", "skills/skill-file.ts", "package-lock.json"],
  app: ["app", "party", "skills", "vite.config.ts", "server/build-worker.ts", "package-lock.json"],
};

/** What a build leaves behind, so that a removed file counts as stale. */
const OUTPUTS: Record<BuildPart, readonly string[]> = {
  rooms: ["dist/rooms/worker.js", "dist/rooms/config.capnp"],
  server: ["dist/server/api.js", "dist/server/runner.js"],
  app: ["dist/app/index.html"],
};

const STAMP = "dist/.stamp.json";
/** Read at run time (migrations) or by nobody but vitest (tests): changing them makes no bundle old. */
const IGNORED = /(^|\/)(migrations|fixtures|node_modules)$|\.test\.tsx?$/;

/** A value that changes with the sources of a part. */
export function fingerprint(root: string, part: BuildPart): string {
  const hash = createHash("sha256");
  for (const source of SOURCES[part]) addTo(hash, root, source);
  return hash.digest("hex");
}

/** The parts that must be built before a start. */
export function staleParts(root: string, parts: readonly BuildPart[] = BUILD_PARTS): BuildPart[] {
  const stamps = parseRecord(readIfThere(join(root, STAMP))) ?? {};
  return parts.filter(
    (part) => stamps[part] !== fingerprint(root, part) || OUTPUTS[part].some((output) => !existsSync(join(root, output))),
  );
}

/** Remembers that a part was built from the sources with this fingerprint (taken before the build read them). */
export function stampPart(root: string, part: BuildPart, built: string): void {
  const path = join(root, STAMP);
  const stamps = parseRecord(readIfThere(path)) ?? {};
  writeDurably(path, `${JSON.stringify({ ...stamps, [part]: built }, null, 2)}\n`, 0o644);
}

function addTo(hash: ReturnType<typeof createHash>, root: string, path: string): void {
  if (IGNORED.test(path)) return;
  const stat = lstatSync(join(root, path), { throwIfNoEntry: false });
  if (!stat) return;
  if (stat.isDirectory()) {
    for (const name of readdirSync(join(root, path)).sort()) addTo(hash, root, `${path}/${name}`);
    return;
  }
  hash.update(`${path}\0${stat.size}\0${stat.mtimeMs}\n`);
}
