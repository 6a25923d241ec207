/** The database and the rooms. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { readMigrations } from "../../../db/migrate.ts";
import { mib } from "../../backup/create.ts";
import { roomFiles } from "../../backup/rooms.ts";
import type { Settings } from "../../launcher/settings.ts";
import { readSetting } from "../../settings/read.ts";
import { type Check, type Finding, fine, problem, warning } from "./check.ts";

/** ms; a checkpoint of the running api may hold the file that long */
const BUSY_MS = 5_000;
/** bytes of a write-ahead log that somebody keeps from being folded in */
const LONG_LOG = 1024 * 1024 * 1024;
const RESTORE = "Restore a backup: npm run atrium -- backup list, then restore <file> --force.";

export function recordChecks(settings: Settings): Check[] {
  return [
    { name: "database", look: () => lookAtDatabase(settings) },
    { name: "storage of rooms", look: () => lookAtRooms(settings.data) },
  ];
}

function lookAtDatabase({ data, root, given }: Settings): Finding {
  const address = readSetting("DATABASE_URL", given);
  if (address !== undefined && !address.startsWith("file:")) return fine(`on a server of its own, ${new URL(address).host}`);
  const path = join(data, "atrium.db");
  if (!existsSync(path)) return fine("made at the first start");
  let database: DatabaseSync;
  try {
    database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS });
  } catch (error) {
    return problem(`${path} cannot be opened (${messageOf(error)}).`, RESTORE);
  }
  try {
    const verdict = String(readValue(database, "PRAGMA integrity_check(1)"));
    if (verdict !== "ok") return problem(`${path} is damaged: ${verdict}.`, RESTORE);
    const applied = database
      .prepare("SELECT tag FROM migrations ORDER BY tag")
      .all()
      .map(({ tag }) => String(tag));
    const known = readMigrations(join(root, "db", "migrations")).map(({ tag }) => tag);
    const newer = applied.filter((tag) => !known.includes(tag));
    if (newer.length > 0)
      return problem(
        `It was written by a newer Atrium (${newer.join(", ")}).`,
        "Start that version again, or restore a backup made before it.",
      );
    const log = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    if (log > LONG_LOG)
      return warning(
        `Its log has grown to ${mib(log)}: some program keeps an old state of it open.`,
        "Close what reads atrium.db from outside, or start Atrium again.",
      );
    const missing = known.length - applied.length;
    return fine(`whole, ${mib(statSync(path).size)}${missing > 0 ? `; ${missing} changes are applied at the next start` : ""}`);
  } catch (error) {
    return problem(`${path} cannot be read (${messageOf(error)}).`, RESTORE);
  } finally {
    database.close();
  }
}

function lookAtRooms(data: string): Finding {
  const files = roomFiles(data);
  const damaged = files.filter((path) => !isWhole(join(data, path)));
  if (damaged.length > 0)
    return problem(`${damaged.length} of ${files.length} files of rooms are damaged, for example ${damaged[0]}.`, RESTORE);
  return fine(`${files.length} files, whole`);
}

function isWhole(path: string): boolean {
  try {
    const database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS });
    try {
      return readValue(database, "PRAGMA quick_check(1)") === "ok";
    } finally {
      database.close();
    }
  } catch {
    return false;
  }
}

function readValue(database: DatabaseSync, sql: string): unknown {
  return Object.values(database.prepare(sql).get() ?? {})[0];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
