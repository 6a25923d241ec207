/** Brings back a copy of the database that was made before an upgrade. Rooms and files stay as they are. */
import { closeSync, copyFileSync, existsSync, openSync, readSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { readMigrations } from "../../db/migrate.ts";
import { makeFolder, writeDurably } from "../launcher/files.ts";
import { takeLock } from "../launcher/lock.ts";
import { loadGeneration } from "../launcher/secrets.ts";
import { BackupError } from "./errors.ts";
import { requireInstance } from "./instance.ts";
import { stamp } from "./restore.ts";
import { requireWhole, settleDatabase } from "./restored-database.ts";
import { putRoomsBack } from "./rooms-copy.ts";

/** What every SQLite file begins with. Source: https://www.sqlite.org/fileformat.html */
const MAGIC = "SQLite format 3\0";

export type CopyOptions = {
  /** absolute path of the copy */
  file: string;
  data: string;
  root: string;
  version: string;
  force: boolean;
  now: Date;
};

/** True when a file is a database and no backup of everything. */
export function isDatabase(file: string): boolean {
  const start = Buffer.alloc(MAGIC.length);
  const opened = openSync(file, "r");
  try {
    return readSync(opened, start, 0, start.length, 0) === start.length && start.toString("latin1") === MAGIC;
  } finally {
    closeSync(opened);
  }
}

/**
 * Replaces the database and begins a new generation: the rooms hand up again what the copy does not have of them.
 * @returns where the database is that was replaced
 * @throws {BackupError} with what is wrong
 */
export async function restoreCopy({ file, data, root, version, force, now }: CopyOptions): Promise<string> {
  requireInstance(data);
  if (!force) {
    throw new BackupError(
      `${basename(file)} is a copy of the database alone. It replaces the one in ${data}, which forgets what came after the copy: say so with --force.`,
    );
  }
  const lock = takeLock(data, "restoring the database");
  const fresh = join(data, "atrium.db.restoring");
  try {
    requireUnderstood(file, root, version);
    rmSync(fresh, { force: true });
    copyFileSync(file, fresh);
    await requireWhole(fresh);
    const generation = loadGeneration(data) + 1;
    await settleDatabase(fresh, { at: basename(file), generation }, now);
    for (const log of ["-wal", "-shm"]) rmSync(fresh + log, { force: true });
    const aside = join(data, "backups", `replaced-${stamp(now)}.db`);
    makeFolder(join(data, "backups"), 0o700);
    // Before the database: what rooms say from now on belongs to the new one.
    writeDurably(join(data, "generation"), `${generation}\n`, 0o644);
    for (const part of ["", "-wal", "-shm"]) {
      if (existsSync(join(data, `atrium.db${part}`))) renameSync(join(data, `atrium.db${part}`), aside + part);
    }
    renameSync(fresh, join(data, "atrium.db"));
    putRoomsBack(data, file, join(data, "backups", `replaced-${stamp(now)}.rooms`));
    return aside;
  } finally {
    for (const part of ["", "-wal", "-shm"]) rmSync(fresh + part, { force: true });
    lock.release();
  }
}

/** @throws {BackupError} when the copy itself comes from a newer version */
function requireUnderstood(file: string, root: string, version: string): void {
  const known = new Set(readMigrations(join(root, "db", "migrations")).map(({ tag }) => tag));
  let tags: string[];
  const copy = new DatabaseSync(file, { readOnly: true });
  try {
    tags = copy
      .prepare("SELECT tag FROM migrations ORDER BY tag")
      .all()
      .map(({ tag }) => String(tag));
  } catch {
    throw new BackupError(`${basename(file)} is not a database of Atrium.`);
  } finally {
    copy.close();
  }
  const newer = tags.find((tag) => !known.has(tag));
  if (newer === undefined) return;
  throw new BackupError(
    `${basename(file)} was made by a newer Atrium (it has ${newer}); this one is ${version}. Use an older copy, or install that version.`,
  );
}
