/** Builds the app's service worker after the app, with the list of files it keeps for when there is no network. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import type { Plugin } from "vite";

/** Kept beside the code: what the shell shows before anything is loaded. */
const PUBLIC = ["theme.js", "favicon.svg", "manifest.webmanifest", "icons/icon-192.png", "icons/badge-96.png"];
/** Code of the screens; heavy things that a screen loads when it needs them are left to the network. */
const SCREENS = /\/app\/routes\//;

type Entry = { url: string; revision: string | null };
type Chunk = { fileName: string; isEntry: boolean; imports: string[]; facadeModuleId: string | null; css: string[] };

/** @param folder where the app is built to; asked for when it is known */
export function serviceWorker(root: string): Plugin {
  let folder = "";
  return {
    name: "atrium-service-worker",
    apply: "build",
    configResolved(config) {
      folder = config.build.outDir;
    },
    async writeBundle(_options, bundle) {
      const chunks = Object.values(bundle).flatMap((output): Chunk[] => {
        if (output.type !== "chunk") return [];
        const { fileName, isEntry, imports, facadeModuleId } = output;
        return [{ fileName, isEntry, imports, facadeModuleId, css: [...(output.viteMetadata?.importedCss ?? [])] }];
      });
      const files = shellFiles(chunks);
      const entries: Entry[] = [
        // A hash in the name is the revision; the others say theirs.
        ...files.map((file) => ({ url: `/${file}`, revision: null })),
        ...["index.html", ...PUBLIC].map((file) => ({ url: `/${file}`, revision: revisionOf(join(folder, file)) })),
      ];
      await build({
        entryPoints: [join(root, "app/sw/worker.ts")],
        outfile: join(folder, "sw.js"),
        bundle: true,
        minify: true,
        format: "iife",
        target: "es2022",
        define: { "self.__WB_MANIFEST": JSON.stringify(entries), "process.env.NODE_ENV": '"production"' },
        logLevel: "warning",
      });
    },
  };
}

/** The entry and the screens with everything they cannot do without. */
function shellFiles(chunks: readonly Chunk[]): string[] {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const files = new Set<string>();
  const add = (chunk: Chunk | undefined): void => {
    if (!chunk || files.has(chunk.fileName)) return;
    files.add(chunk.fileName);
    for (const file of chunk.css) files.add(file);
    for (const name of chunk.imports) add(byName.get(name));
  };
  for (const chunk of chunks) if (chunk.isEntry || SCREENS.test(chunk.facadeModuleId ?? "")) add(chunk);
  return [...files].sort();
}

function revisionOf(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex").slice(0, 16);
}
