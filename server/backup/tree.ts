/** The other files of the data folder: what is copied, and what is not. */
import { lstatSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { errorCode } from "../launcher/errors.ts";
import { factsOf, type TarWriter } from "./tar-writer.ts";

/**
 * What has no place in a backup, by path below the data folder. Everything else is in it, also what a later version puts there.
 * - copied by other means: the database, the rooms
 * - worth nothing elsewhere: locks, process ids, logs, copies, uploads that never ended
 * - made anew by a restore, so that nothing signed before it is good any more: `rooms.key`, `tickets.key`
 * - kept apart on purpose: the vault's key, and `.env`, which may hold it
 */
const LEFT_OUT: ReadonlySet<string> = new Set([
  "atrium.db",
  "atrium.db-wal",
  "atrium.db-shm",
  "rooms",
  "lock.db",
  "lock.db-journal",
  "lock.json",
  "processes.json",
  "logs",
  "backups",
  "uploads",
  "workspaces/.deleted",
  "secrets/rooms.key",
  "secrets/tickets.key",
  "secrets/vault.key",
  ".env",
]);

/** Paths below the data folder, folders before what is in them. */
export function* walk(data: string, below = ""): Generator<string> {
  for (const name of namesIn(join(data, below))) {
    const path = below === "" ? name : `${below}/${name}`;
    if (LEFT_OUT.has(path) || (path.endsWith(".tmp") && below === "")) continue;
    yield path;
    if (lstatSync(join(data, path), { throwIfNoEntry: false })?.isDirectory()) yield* walk(data, path);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    // Removed meanwhile.
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}

/** Bytes of the files that `walk` finds. */
export function treeBytes(data: string): number {
  let bytes = 0;
  for (const path of walk(data)) bytes += lstatSync(join(data, path), { throwIfNoEntry: false })?.size ?? 0;
  return bytes;
}

/** Writes them. What is removed meanwhile is left out. @returns how many could not be copied */
export function writeTree(data: string, tar: TarWriter, progress: (path: string) => void): number {
  let skipped = 0;
  for (const path of walk(data)) {
    progress(path);
    const full = join(data, path);
    const stat = lstatSync(full, { throwIfNoEntry: false });
    if (!stat) continue;
    if (stat.isDirectory()) tar.folder(path, factsOf(stat));
    else if (stat.isSymbolicLink()) tar.link(path, readlinkSync(full), factsOf(stat));
    else if (stat.isFile()) skipped += copyIfThere(tar, path, full) ? 0 : 1;
    else skipped += 1;
  }
  return skipped;
}

function copyIfThere(tar: TarWriter, path: string, full: string): boolean {
  try {
    tar.copy(path, full);
    return true;
  } catch (error) {
    // Opening failed, so nothing of it was written yet.
    if (error instanceof Error && "syscall" in error && error.syscall === "open") return errorCode(error) === "ENOENT";
    throw error;
  }
}
