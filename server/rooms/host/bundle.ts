/** Builds `dist/rooms`: the worker module with every room, and the configuration of workerd beside it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildOptions } from "esbuild";
import { readRooms } from "./classes.ts";
import { workerdConfig } from "./config.ts";

/**
 * Options for esbuild; the output is `worker.js` in `folder`.
 * @param sourcemap for development only: it is text inside the module and costs workerd 8 MiB
 */
export function roomsBundle(root: string, folder: string, sourcemap: boolean): BuildOptions {
  return {
    absWorkingDir: root,
    entryPoints: [join(root, "party/host.ts")],
    outfile: join(folder, "worker.js"),
    bundle: true,
    format: "esm",
    target: "es2022",
    // Packages that know workerd (partyserver) choose their own build for it.
    conditions: ["workerd", "worker"],
    external: ["cloudflare:*", "node:*"],
    sourcemap: sourcemap && "inline",
    sourcesContent: false,
    logLevel: "warning",
  };
}

/** Writes `config.capnp` into `folder` from the project's `partykit.json`. */
export function writeRoomsConfig(root: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "config.capnp"), workerdConfig(readRooms(root)));
}
