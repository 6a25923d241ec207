/**
 * The exclusive lock on a data folder. An open SQLite transaction holds a lock of the operating system on
 * `lock.db`: it cannot be stale, because the kernel lets go of it with the process, even after a kill -9. `lock.json`
 * beside it only tells people who the holder is.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StartError } from "./errors.ts";
import { parseRecord, readIfThere, writeDurably } from "./files.ts";

/** Who holds a data folder, as `lock.json` tells it. */
export interface Holder {
  pid: number;
  /** ISO 8601 */
  since: string;
  /** public address, or what the holder is doing with the folder */
  address: string;
  /** the api's internal address, once it is known: where the command line speaks to a running instance */
  internal?: string;
}

export interface DataLock {
  /** Tells whoever finds the folder taken where the api listens for our own processes. */
  announce(internal: string): void;
  /** Lets go of the folder; also happens by itself when the process ends, however it ends. */
  release(): void;
}

/**
 * Takes the lock for the life of this process or until `release`.
 * @param waitMs how long to wait for another holder, 0 to refuse at once
 * @throws {StartError} naming the lock and its holder when somebody else has it
 */
export function takeLock(folder: string, address: string, waitMs = 0): DataLock {
  const path = join(folder, "lock.db");
  const about = join(folder, "lock.json");
  const database = new DatabaseSync(path, { timeout: waitMs });
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw error;
    throw new StartError(refusal(path, readHolder(folder)));
  }
  const holder: Holder = { pid: process.pid, since: new Date().toISOString(), address };
  const tell = (facts: Holder): void => writeDurably(about, `${JSON.stringify(facts)}\n`, 0o644);
  tell(holder);
  return {
    announce: (internal) => tell({ ...holder, internal }),
    release() {
      rmSync(about, { force: true });
      database.close();
    },
  };
}

/** The holder that `lock.json` names; it may have died since. */
export function readHolder(folder: string): Holder | undefined {
  const record = parseRecord(readIfThere(join(folder, "lock.json")));
  if (!record) return undefined;
  const { pid, since, address, internal } = record;
  if (typeof pid !== "number" || typeof since !== "string" || typeof address !== "string") return undefined;
  return { pid, since, address, ...(typeof internal === "string" && { internal }) };
}

function refusal(path: string, holder: Holder | undefined): string {
  const by = holder ? `process ${holder.pid} (${holder.address}, since ${holder.since})` : "another process";
  return `This data folder is in use: ${path} is locked by ${by}. Stop it first, or set ATRIUM_DATA to another folder.`;
}

/** SQLite's result code for "somebody else has the lock" */
const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
}
