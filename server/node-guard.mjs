/**
 * Loaded before the launcher (`--import`), in plain JavaScript: an older Node cannot even parse the first line of a
 * TypeScript file, so the sentence about its version has to come from here.
 */
import module from "node:module";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `Atrium needs Node 22.18 or newer, and this is Node ${process.versions.node}. ` +
      "Run `npm ci` without `--omit=optional` (on Linux it brings a fitting Node), or install a newer Node.\n",
  );
  process.exit(1);
}

// Keeps the stripped TypeScript on disk: from the second start on the launcher does not load the compiler (16 MiB).
// In dist/, because whatever is there can be made again.
module.enableCompileCache(new URL("../dist/.compile-cache", import.meta.url).pathname);
