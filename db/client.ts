/**
 * The database: one file, or one libSQL server, and two clients. The write client belongs to the write queue alone; on a
 * file it has a single connection, and the read client refuses to write, so that "only the queue writes" is a fact and not a
 * habit.
 */
import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
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
  /** absolute path of the file; undefined on a server, which keeps its own */
  path: string | undefined;
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

/** A libSQL server (`libsql://`, `https://`, `http://`), or a file elsewhere (`file:`), and what opens it. */
export type DatabaseAddress = { url: string; token?: string | undefined };

/**
 * Opens the database: the one at `address`, else `atrium.db` in the data folder, which is made when it is missing.
 * Fails when what is there is not a database, or the server does not answer.
 */
export async function openDatabase(dataFolder: string, address?: DatabaseAddress): Promise<Database> {
  if (address && !address.url.startsWith("file:")) return openServer(address);
  return openFile(address ? fileURLToPath(address.url) : join(dataFolder, "atrium.db"));
}

/** Durability, journal and foreign keys are the server's own settings; Turso and sqld keep all three as we need them. */
async function openServer({ url, token }: DatabaseAddress): Promise<Database> {
  // Its client is loaded here alone: on a file nobody pays for it.
  const { createClient: connect } = await import("@libsql/client/http");
  const client = (): Client => connect({ url, authToken: token });
  const [writer, read] = [client(), client()];
  const { rows } = await writer.execute("PRAGMA foreign_keys");
  if (rows[0]?.foreign_keys !== 1) throw new Error(`The database at ${new URL(url).host} does not keep foreign keys.`);
  return opened(undefined, writer, read);
}

async function openFile(path: string): Promise<Database> {
  mkdirSync(dirname(path), { recursive: true });
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
  return opened(path, writer, read);
}

function opened(path: string | undefined, writer: Client, read: Client): Database {
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
