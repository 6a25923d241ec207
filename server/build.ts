/**
 * Builds rooms, server and app into `dist/`: `node server/build.ts [--watch] [part ..]`. Without names it builds every
 * part. The launcher runs it as a child, so that bundlers never sit in its memory.
 */
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { type BuildOptions, build, context, type Plugin } from "esbuild";
import { assertNever } from "../party/protocol/assert.ts";
import { serverBundle } from "./launcher/bundle.ts";
import { superviseFromLauncher } from "./launcher/child.ts";
import { takeLock } from "./launcher/lock.ts";
import { asBuildPart, BUILD_PARTS, type BuildPart } from "./launcher/messages.ts";
import { fingerprint, stampPart } from "./launcher/stamp.ts";
import { roomsBundle, writeRoomsConfig } from "./rooms/host/bundle.ts";

const ROOT = resolve(import.meta.dirname, "..");
const DIST = join(ROOT, "dist");
/** ms another build of the same checkout may take before this one gives up */
const BUILD_WAIT_MS = 180_000;

/** Builds one part completely, beside the old one, and then takes its place. */
async function buildPart(part: BuildPart): Promise<void> {
  const before = fingerprint(ROOT, part);
  const started = performance.now();
  const folder = join(DIST, part);
  const fresh = join(DIST, `.${part}.new`);
  rmSync(fresh, { recursive: true, force: true });
  await writePart(part, fresh);
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
  stampPart(ROOT, part, before);
  console.log(`built ${part} in ${((performance.now() - started) / 1_000).toFixed(1)} s`);
}

async function writePart(part: BuildPart, folder: string): Promise<void> {
  switch (part) {
    case "rooms":
      await build(roomsBundle(ROOT, folder, false));
      return writeRoomsConfig(ROOT, folder);
    case "server":
      await build(serverBundle(ROOT, folder));
      return;
    case "app": {
      // Loaded here and not above: it costs as much as everything else and most builds do not need it.
      const vite = await import("vite");
      await vite.build({
        configFile: join(ROOT, "vite.config.ts"),
        build: { outDir: folder, emptyOutDir: true },
        logLevel: "warn",
      });
      await build(frameScript(ROOT, folder));
      return;
    }
    default:
      return assertNever(part);
  }
}

/** The one script of ours that runs inside the frame of artifacts: a file of its own, no part of the app. */
function frameScript(root: string, folder: string): BuildOptions {
  return {
    entryPoints: [join(root, "app/artifacts/mermaid-frame.ts")],
    outfile: join(folder, "frames/mermaid.js"),
    bundle: true,
    minify: true,
    format: "iife",
    platform: "browser",
    target: "es2022",
    logLevel: "error",
  };
}

/** Builds at every change and tells the launcher, which replaces the processes of that part. */
async function watch(): Promise<void> {
  const launcher = superviseFromLauncher({ onStop: () => {} });
  const bundles: [BuildPart, BuildOptions][] = [
    ["rooms", roomsBundle(ROOT, join(DIST, "rooms"), true)],
    ["server", serverBundle(ROOT, join(DIST, "server"))],
  ];
  for (const [part, options] of bundles) {
    // The first build of a watcher repeats what the launcher has just built.
    let first = true;
    const announce: Plugin = {
      name: "announce",
      setup: (setup) =>
        setup.onEnd((result) => {
          if (result.errors.length === 0 && !first) launcher.send({ type: "built", part });
          first = false;
        }),
    };
    await (await context({ ...options, plugins: [announce] })).watch();
  }
  launcher.ready();
}

async function main(args: string[]): Promise<void> {
  if (args.includes("--watch")) return watch();
  const wanted = args.map((name) => {
    const part = asBuildPart(name);
    if (!part) throw new Error(`There is no part "${name}" to build; choose from ${BUILD_PARTS.join(", ")}.`);
    return part;
  });
  mkdirSync(DIST, { recursive: true });
  const lock = takeLock(DIST, "building", BUILD_WAIT_MS);
  try {
    await Promise.all((wanted.length > 0 ? wanted : BUILD_PARTS).map(buildPart));
  } finally {
    lock.release();
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
