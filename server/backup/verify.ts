/** Reads a backup as a restore would, and changes nothing. */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { keyFor, type OfferedKey } from "./key.ts";
import type { Manifest } from "./manifest.ts";
import { requireWhole } from "./restored-database.ts";
import { readBackup } from "./tar-reader.ts";

/** `sealed`: the key at hand shows that nobody changed it; `unknown`: the key is not at hand, only the sums were compared. */
export type Verified = { manifest: Manifest; seal: "sealed" | "unknown" };

/**
 * Compares every sum, opens the database and recomputes its audit chains.
 * @throws {BackupError} naming what is wrong
 */
export async function verifyBackup(file: string, offered: readonly OfferedKey[]): Promise<Verified> {
  const folder = mkdtempSync(join(dirname(file), ".verify-"));
  try {
    const copy = join(folder, "atrium.db");
    const keys = [...offered];
    const manifest = readBackup(file, ({ path }) => {
      if (path === "secrets/vault.key") {
        let text = "";
        return (bytes) => {
          if (bytes) text += Buffer.from(bytes).toString("utf8");
          else keys.push({ from: file, key: text.trim() });
        };
      }
      if (path !== "atrium.db") return undefined;
      const database = openSync(copy, "wx", 0o600);
      return (bytes) => {
        if (!bytes) closeSync(database);
        else for (let at = 0; at < bytes.length; ) at += writeSync(database, bytes, at);
      };
    });
    const key = keyFor(manifest, keys, file);
    await requireWhole(copy);
    return { manifest, seal: key === undefined ? "unknown" : "sealed" };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
