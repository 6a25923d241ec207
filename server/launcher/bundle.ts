/** Builds `dist/server`: one bundle per process. Unbundled, the api takes three times the memory and the time to start. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { BuildOptions } from "esbuild";

const ENTRIES = { api: "server/api/main.ts", runner: "server/engine/runner-main.ts", cli: "server/cli.ts" } as const;
/** Entries an instance cannot run without; a missing one must fail the build. */
const REQUIRED: readonly (keyof typeof ENTRIES)[] = ["api", "runner"];

/** Packages that load a native library, which no bundler can carry. */
const NATIVE = ["libsql", "@libsql/linux-*", "@libsql/darwin-*", "@libsql/win32-*"];

/** CommonJS packages inside an ES module bundle still call `require`. */
const REQUIRE_BANNER = `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);`;

/** Options for esbuild; the outputs are `api.js`, `runner.js` and `cli.js` in `folder`. */
export function serverBundle(root: string, folder: string): BuildOptions {
  const names = Object.keys(ENTRIES).filter((name): name is keyof typeof ENTRIES => name in ENTRIES);
  const present = names.filter((name) => REQUIRED.includes(name) || existsSync(join(root, ENTRIES[name])));
  return {
    absWorkingDir: root,
    entryPoints: Object.fromEntries(present.map((name) => [name, join(root, ENTRIES[name])])),
    outdir: folder,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node22",
    // What is imported on first use becomes a file of its own and costs nothing before.
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    external: NATIVE,
    banner: { js: REQUIRE_BANNER },
    sourcemap: "linked",
    sourcesContent: false,
    logLevel: "warning",
  };
}
