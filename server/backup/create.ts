/** Makes a backup, also while Atrium runs. */
import { existsSync, mkdirSync, rmSync, statfsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { BackupError } from "./errors.ts";
import { findInstance, requireInstance } from "./instance.ts";
import { BACKUP_FORMAT, keyId, MANIFEST_NAME, type Manifest, sealManifest } from "./manifest.ts";
import type { PinnedDatabase } from "./pinned.ts";
import { type Cut, type QuietRoom, quietRooms, roomFiles, takeCut } from "./rooms.ts";
import { type EntryFacts, factsOf, TarWriter } from "./tar-writer.ts";
import { treeBytes, writeTree } from "./tree.ts";

/** bytes that stay free beside the backup, for the instance itself */
const SPARE_BYTES = 64 * 1024 * 1024;
const MIB = 1024 * 1024;

export type CreateOptions = {
  /** absolute path of the data folder */
  data: string;
  /** absolute path of the file to make; its folder is made when it is missing */
  to: string;
  version: string;
  generation: number;
  roomsFormat: number;
  /** the vault's key */
  key: string;
  /** puts the key into the backup */
  withKey: boolean;
  /** where files of people are when not in the data folder, without secrets */
  filesElsewhere: string | undefined;
  progress(line: string): void;
};

export type Created = { path: string; bytes: number; manifest: Manifest; skipped: number };

/**
 * Writes one file with everything. Nothing is left behind when it fails.
 * @throws {BackupError} with what to do
 */
export async function createBackup(options: CreateOptions): Promise<Created> {
  const { data, to } = options;
  requireInstance(data);
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  if (existsSync(to)) throw new BackupError(`${to} exists already. Name another file with --to.`);
  const instance = findInstance(data, "making a backup");
  try {
    requireSpace(data, dirname(to));
    return await write(options, instance.kind === "running" ? instance.rooms : undefined);
  } finally {
    if (instance.kind === "stopped") instance.lock.release();
  }
}

async function write(options: CreateOptions, rooms: Parameters<typeof takeCut>[2]): Promise<Created> {
  const { data, to, progress } = options;
  const tar = new TarWriter(to);
  const staging = `${to}.staging`;
  try {
    const quiet = copyQuietRooms(data, tar);
    const cut = await takeCut(data, quiet, rooms);
    let schema: string;
    try {
      progress(`the state of ${new Date(cut.at).toISOString()}: ${quiet.length + cut.rooms.size} files of rooms`);
      await copyPinned(data, cut, staging, tar);
      schema = String(cut.database.value("SELECT max(tag) FROM migrations"));
      progress(`the database, ${mib(statSync(cut.database.path).size)}`);
      await copyDatabase(cut.database, "atrium.db", staging, tar);
    } finally {
      cut.close();
    }
    const skipped = writeTree(data, tar, progressOf(tar, progress));
    if (options.withKey) tar.text("secrets/vault.key", `${options.key}\n`, ownFacts(data));
    const manifest = sealManifest(
      {
        format: BACKUP_FORMAT,
        at: new Date(cut.at).toISOString(),
        version: options.version,
        schema,
        rooms: options.roomsFormat,
        generation: options.generation,
        key: { id: keyId(options.key), included: options.withKey },
        filesElsewhere: options.filesElsewhere,
        parts: tar.parts(),
      },
      options.key,
    );
    tar.finish(MANIFEST_NAME, `${JSON.stringify(manifest)}\n`, new Date(cut.at));
    return { path: to, bytes: tar.bytes, manifest, skipped };
  } catch (error) {
    tar.abandon();
    throw error;
  } finally {
    rmSync(staging, { force: true });
  }
}

/** The rooms out of use, so that fewer are left for the moment of the cut. One that changes is copied again there, and that counts. */
function copyQuietRooms(data: string, tar: TarWriter): QuietRoom[] {
  const quiet = quietRooms(data, Date.now());
  for (const { path } of quiet) tar.copy(path, join(data, path));
  return quiet;
}

async function copyPinned(data: string, cut: Cut, staging: string, tar: TarWriter): Promise<void> {
  for (const [path, room] of cut.rooms) {
    await copyDatabase(room, path, staging, tar, factsOf(statSync(join(data, path))));
    // Its log may shrink again.
    room.close();
    cut.rooms.delete(path);
  }
}

async function copyDatabase(
  database: PinnedDatabase,
  path: string,
  staging: string,
  tar: TarWriter,
  facts: EntryFacts = factsOf(statSync(database.path)),
): Promise<void> {
  rmSync(staging, { force: true });
  await database.copyTo(staging);
  tar.copy(path, staging, facts);
  rmSync(staging);
}

/** @throws {BackupError} when the file would not fit, with the copy of the database that is made on the way */
function requireSpace(data: string, folder: string): void {
  const database = statSync(join(data, "atrium.db")).size;
  const rooms = roomFiles(data).reduce(
    (sum, path) => sum + (statSync(join(data, path), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
  const need = 2 * database + rooms + treeBytes(data) + SPARE_BYTES;
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < need) {
    throw new BackupError(
      `A backup needs up to ${mib(need)} in ${folder}, where ${mib(bavail * bsize)} are free. Free space there, or use --to with another folder.`,
    );
  }
}

function ownFacts(data: string): EntryFacts {
  return { ...factsOf(statSync(data)), mode: 0o600 };
}

/** Says how far it is, now and then. */
function progressOf(tar: TarWriter, progress: (line: string) => void): (path: string) => void {
  /** bytes between two lines */
  const every = 256 * MIB;
  let next = tar.bytes + every;
  return (path) => {
    if (tar.bytes < next) return;
    next = tar.bytes + every;
    progress(`${mib(tar.bytes)} so far, at ${path}`);
  };
}

/** A size as people read it. */
export function mib(bytes: number): string {
  return `${Math.ceil(bytes / MIB).toLocaleString("en")} MiB`;
}
