/** Builds `dist/server`: one bundle per process. Unbundled, the api takes three times the memory and the time to start. */
import { join } from "node:path";
import type { BuildOptions } from "esbuild";

const ENTRIES = {
  api: "server/api/main.ts",
  runner: "server/engine/runner-main.ts",
  "pdf-worker": "server/tools/pdf/pdf-worker.ts",
} as const;

/** Packages that load a native library, which no bundler can carry. */
const NATIVE = ["libsql", "@libsql/linux-*", "@libsql/darwin-*", "@libsql/win32-*"];

/** CommonJS packages inside an ES module bundle still call `require`. */
const REQUIRE_BANNER = `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);`;

/** Options for esbuild; the outputs are `api.js` and `runner.js` in `folder`. */
export function serverBundle(root: string, folder: string): BuildOptions {
  return {
    absWorkingDir: root,
    entryPoints: Object.fromEntries(Object.entries(ENTRIES).map(([name, path]) => [name, join(root, path)])),
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
