/** Copies of the rooms made before an upgrade that changes their form: `before-<version>-<time>.rooms/` in `backups/`. */
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { readIfThere, writeDurably } from "../launcher/files.ts";
import { PinnedDatabase } from "./pinned.ts";
import { ROOMS_STORAGE, roomFiles } from "./rooms.ts";

const FORM = "format";
/** `before-1.2.0-2026-….db` and `before-1.2.0-2026-….rooms` belong to one upgrade. */
const UPGRADE = /^before-(.+)-\d{4}-\d\d-\d\dT/;

/**
 * Copies the rooms of an instance that does not run.
 * @param form that they have now
 * @returns absolute path of the copy
 */
export async function copyRooms(data: string, version: string, form: number, now: Date): Promise<string> {
  const copy = join(data, "backups", `before-${version}-${now.toISOString().replaceAll(":", "-")}.rooms`);
  const part = `${copy}.partial`;
  mkdirSync(part, { recursive: true, mode: 0o700 });
  for (const path of roomFiles(data)) {
    const target = join(part, path.slice(ROOMS_STORAGE.length + 1));
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    const room = new PinnedDatabase(join(data, path));
    try {
      await room.copyTo(target);
    } finally {
      room.close();
    }
  }
  writeDurably(join(part, FORM), `${form}\n`, 0o600);
  renameSync(part, copy);
  return copy;
}

/**
 * Puts the rooms back that were copied in the upgrade a copy of the database is from.
 * @param database file name of that copy
 * @param aside where the rooms that are there now go
 * @returns false when that upgrade left the rooms as they were
 */
export function putRoomsBack(data: string, database: string, aside: string): boolean {
  const [, version] = UPGRADE.exec(basename(database)) ?? [];
  const folder = join(data, "backups");
  const copies = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".rooms")) : [];
  const name = copies.sort().findLast((one) => UPGRADE.exec(one)?.[1] === version);
  if (version === undefined || name === undefined) return false;
  const form = readIfThere(join(folder, name, FORM));
  if (form === undefined) return false;
  renameSync(join(data, ROOMS_STORAGE), aside);
  cpSync(join(folder, name), join(data, ROOMS_STORAGE), { recursive: true, filter: (path) => basename(path) !== FORM });
  writeDurably(join(data, "rooms", FORM), form, 0o600);
  return true;
}
