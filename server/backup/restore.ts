/** Brings a backup back, beside what is there: the old folder is put aside only when the new one is complete. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statfsSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ROOMS_FORMAT } from "../../party/protocol/rooms-format.ts";
import { errorCode } from "../launcher/errors.ts";
import { makeFolder, readIfThere, writeDurably } from "../launcher/files.ts";
import { takeLock } from "../launcher/lock.ts";
import { mib } from "./create.ts";
import { BackupError } from "./errors.ts";
import { Extractor } from "./extract.ts";
import { keyFor, keyMissing, type OfferedKey } from "./key.ts";
import type { Manifest } from "./manifest.ts";
import { requireKnown } from "./program.ts";
import { requireWhole, settleDatabase } from "./restored-database.ts";
import { peekManifest, readBackup } from "./tar-reader.ts";

/** Names that only the launcher leaves in a folder before there is anything in it. */
const TRIFLES = new Set(["lock.db", "lock.db-journal", "lock.json", "logs", "backups", ".env"]);
/** What stays with the machine when the rest of its data folder is replaced. */
const STAYS = ["backups", ".env"];
const SPARE_BYTES = 64 * 1024 * 1024;

export type RestoreOptions = {
  /** absolute path of the backup */
  file: string;
  /** absolute path of the data folder to make or to replace */
  to: string;
  /** replaces an instance that is there */
  force: boolean;
  /** the key somebody named, then those that are at hand */
  given: OfferedKey | undefined;
  atHand: readonly OfferedKey[];
  /** goes on without the vault's key */
  withoutKey: boolean;
  /** the project, whose migrations say what it understands */
  root: string;
  version: string;
  now: Date;
  progress(line: string): void;
};

export type Restored = {
  manifest: Manifest;
  generation: number;
  /** where the folder that was there is now */
  aside: string | undefined;
  /** whether sealed secrets can be opened */
  key: boolean;
};

/**
 * Restores a whole backup. Until the last step nothing that was there is touched.
 * @throws {BackupError} with what is wrong and what to do
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { file, to, given } = options;
  const manifest = manifestOf(file);
  requireKnown(manifest, options.root, options.version);
  const offered = [...(given ? [given] : []), ...options.atHand];
  const key = keyFor(manifest, given ? [given] : offered, file);
  if (key === undefined && !manifest.key.included && !options.withoutKey) throw keyMissing(manifest, given);

  makeFolder(to, 0o711);
  const lock = takeLock(to, "restoring a backup");
  const fresh = `${to}.restoring-${stamp(options.now)}`;
  try {
    const occupied = readdirSync(to).some((name) => !TRIFLES.has(name));
    if (occupied && !options.force) {
      throw new BackupError(
        `There is an instance in ${to} already. Name another folder with --to, or replace it with --force: it is put aside, not removed.`,
      );
    }
    requireSpace(file, dirname(to));
    mkdirSync(fresh, { mode: 0o711 });
    const { hasKey, generation } = await fill(options, manifest, key, fresh);
    const aside = replace(to, fresh, options.now);
    return { manifest, generation, aside: occupied ? aside : dropTrifles(aside), key: hasKey };
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    throw error;
  } finally {
    lock.release();
  }
}

/** @throws {BackupError} when the file is none, or torn */
export function manifestOf(file: string): Manifest {
  if (!existsSync(file)) throw new BackupError(`There is no file ${file}.`);
  if (!statSync(file).isFile()) throw new BackupError(`${file} is not a file.`);
  const manifest = peekManifest(file);
  if (!manifest)
    throw new BackupError(`${basename(file)} is torn, or not a backup: it has no manifest at its end. Use another one.`);
  return manifest;
}

/** Makes a complete data folder in `fresh`. */
async function fill(options: RestoreOptions, said: Manifest, key: string | undefined, fresh: string) {
  const { file, to, now, progress } = options;
  progress(`reading ${basename(file)}, the state of ${said.at}`);
  const extractor = new Extractor(fresh);
  const manifest = readBackup(file, extractor.take);
  extractor.finish();
  const vaultKey = key ?? includedKey(manifest, fresh, file);
  if (vaultKey !== undefined) {
    makeFolder(join(fresh, "secrets"), 0o700);
    writeDurably(join(fresh, "secrets/vault.key"), `${vaultKey}\n`, 0o600);
  }

  progress("looking at the database");
  const database = join(fresh, "atrium.db");
  if (!existsSync(database)) throw new BackupError(`${basename(file)} holds no database.`);
  await requireWhole(database);
  // Above everything that was ever handed out here, so that nothing signed or numbered before counts any more.
  const generation = Math.max(manifest.generation, generationIn(to)) + 1;
  await settleDatabase(database, { at: manifest.at, generation }, now);
  writeDurably(join(fresh, "generation"), `${generation}\n`, 0o644);
  makeFolder(join(fresh, "rooms"), 0o700);
  writeDurably(join(fresh, "rooms/format"), `${Math.min(manifest.rooms, ROOMS_FORMAT)}\n`, 0o600);
  return { hasKey: vaultKey !== undefined, generation };
}

/** The key that lies in a backup made with it. */
function includedKey(manifest: Manifest, fresh: string, file: string): string | undefined {
  const text = readIfThere(join(fresh, "secrets/vault.key"))?.trim();
  return text === undefined ? undefined : keyFor(manifest, [{ from: file, key: text }], file);
}

function generationIn(data: string): number {
  const generation = Number(readIfThere(join(data, "generation"))?.trim());
  return Number.isSafeInteger(generation) ? generation : 0;
}

/** Puts the new folder in place of the old one. @returns where the old one is now */
function replace(to: string, fresh: string, now: Date): string {
  const aside = `${to}.before-restore-${stamp(now)}`;
  try {
    renameSync(to, aside);
  } catch (error) {
    if (errorCode(error) !== "EBUSY") throw error;
    throw new BackupError(
      `${to} is a mount point and cannot be replaced. Restore into a folder below it and set ATRIUM_DATA to that.`,
    );
  }
  renameSync(fresh, to);
  for (const name of STAYS) if (existsSync(join(aside, name))) renameSync(join(aside, name), join(to, name));
  return aside;
}

/** There was nothing worth keeping in the folder. */
function dropTrifles(aside: string): undefined {
  rmSync(aside, { recursive: true, force: true });
}

function requireSpace(file: string, folder: string): void {
  const need = statSync(file).size + SPARE_BYTES;
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize >= need) return;
  throw new BackupError(
    `Restoring needs ${mib(need)} in ${folder}, where ${mib(bavail * bsize)} are free. Free space, or name another folder with --to.`,
  );
}

/** A time as part of a file's name. */
export function stamp(now: Date): string {
  return now.toISOString().slice(0, 19).replaceAll(":", "-");
}
