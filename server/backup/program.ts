/** Whether this program can take over what another version wrote. */
import { join } from "node:path";
import { readMigrations } from "../../db/migrate.ts";
import { ROOMS_FORMAT } from "../../party/protocol/rooms-format.ts";
import { BackupError } from "./errors.ts";
import { BACKUP_FORMAT, type Manifest } from "./manifest.ts";

/** @throws {BackupError} when a newer Atrium made the backup */
export function requireKnown(manifest: Manifest, root: string, version: string): void {
  const known = new Set(readMigrations(join(root, "db", "migrations")).map(({ tag }) => tag));
  if (manifest.format <= BACKUP_FORMAT && manifest.rooms <= ROOMS_FORMAT && known.has(manifest.schema)) return;
  throw new BackupError(
    `This backup was made by a newer Atrium (${manifest.version}, database ${manifest.schema}); this one is ${version}. Install that version or a newer one, then restore.`,
  );
}
