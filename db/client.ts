/**
 * The database: one file, two clients. The write client has a single connection and belongs to the write queue alone;
 * the read client refuses to write, so that "only the queue writes" is a fact and not a habit.
 */
import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
// The sub-path loads the local engine only; the package's root also loads HTTP and WebSocket clients.
import { type Client, createClient } from "@libsql/client/sqlite3";
import type { LibSQLDatabase } from "drizzle-orm/libsql";
import { drizzle } from "drizzle-orm/libsql/sqlite3";
import * as schema from "./schema/index.ts";

/** ms a statement waits for another process's lock (a backup, a curious shell) before it fails */
const BUSY_TIMEOUT_MS = 5_000;

/** Reads, typed by the schema. Writing through it fails: writes go through the queue. */
export type Db = LibSQLDatabase<typeof schema>;

export type Database = {
  /** absolute path of the file */
  path: string;
  /** typed reads */
  db: Db;
  /** the same connection for raw SQL */
  read: Client;
  /** for the write queue and migrations only */
  writer: Client;
  close(): void;
};

/** It holds password hashes and everything that was said: other users of the machine must not read it. */
const OWNER_ONLY = 0o600;

/** Opens (and if needed makes) `atrium.db` in the data folder, readable by its owner only. Fails when it is not a database. */
export async function openDatabase(dataFolder: string): Promise<Database> {
  mkdirSync(dataFolder, { recursive: true });
  const path = join(dataFolder, "atrium.db");
  makePrivateFile(path);
  // Left by a crash of a version, or a restore, that knew no better; SQLite gives new ones the mode of the database.
  for (const companion of [`${path}-wal`, `${path}-shm`]) if (existsSync(companion)) chmodSync(companion, OWNER_ONLY);
  const writer = open(path);
  // WAL stays with the file; the others are per connection, and this client has exactly one.
  await writer.execute("PRAGMA journal_mode = WAL");
  await writer.execute("PRAGMA synchronous = FULL");
  await writer.execute("PRAGMA foreign_keys = ON");
  const read = open(path);
  await read.execute("PRAGMA query_only = ON");
  return {
    path,
    db: drizzle({ client: read, schema }),
    read,
    writer,
    close() {
      read.close();
      writer.close();
    },
  };
}

/** Makes a file that only its owner reads and writes; one that is there keeps its content and loses wider rights. */
export function makePrivateFile(path: string): void {
  closeSync(openSync(path, "a", OWNER_ONLY));
  // The mode above counts for a new file only.
  chmodSync(path, OWNER_ONLY);
}

/**
 * One connection each: the engine is synchronous under its promises, so more would not run at once, and pragmas reach
 * one connection only. An interactive transaction would lock everyone else out; nobody opens one.
 */
function open(path: string): Client {
  return createClient({ url: pathToFileURL(path).href, timeout: BUSY_TIMEOUT_MS, concurrency: 1 });
}
