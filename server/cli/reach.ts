/** The way to an instance: the running api over loopback, or its records, opened here while nothing runs. */
import { join } from "node:path";
import { type Database, openDatabase } from "../../db/client.ts";
import { MigrationRefused } from "../../db/errors.ts";
import { type MigrationReport, migrate, readMigrations } from "../../db/migrate.ts";
import { WriteQueue } from "../../db/write-queue.ts";
import { signRequest } from "../../party/protocol/sign.ts";
import { StartError } from "../launcher/errors.ts";
import { type DataLock, readHolder, takeLock } from "../launcher/lock.ts";
import { loadGeneration, loadSecrets } from "../launcher/secrets.ts";
import type { Settings } from "../launcher/settings.ts";
import { readSetting } from "../settings/read.ts";
import { CliError } from "./command.ts";
import type { Records } from "./operator.ts";

/** ms the api may take to answer */
const ANSWER_MS = 15_000;

/** How a signed request was answered. */
export type ApiAnswer = { status: number; body: unknown };

export type Reached =
  | { kind: "running"; address: string; ask(path: string, body: object): Promise<ApiAnswer> }
  | { kind: "stopped"; lock: DataLock };

/** @param doing what others are told who want the folder meanwhile */
export function reach(settings: Settings, doing: string): Reached {
  try {
    return { kind: "stopped", lock: takeLock(settings.data, doing) };
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    const holder = readHolder(settings.data);
    const internal = holder?.internal;
    if (internal === undefined) throw new CliError(error.message);
    const { rooms: secret } = loadSecrets(settings.data, settings.given);
    return { kind: "running", address: holder?.address ?? "", ask: (path, body) => ask(internal, secret, path, body) };
  }
}

async function ask(internal: string, secret: string, path: string, body: object): Promise<ApiAnswer> {
  const text = JSON.stringify(body);
  const headers = { "content-type": "application/json", ...signRequest(secret, "POST", path, text, Date.now()) };
  let answer: Response;
  try {
    answer = await fetch(internal + path, { method: "POST", headers, body: text, signal: AbortSignal.timeout(ANSWER_MS) });
  } catch {
    throw new CliError("Atrium runs, but its api does not answer. Look at `npm run atrium -- logs api`, and try again.");
  }
  return { status: answer.status, body: await answer.json().catch(() => undefined) };
}

/** The database of an instance, wherever it is kept. */
export function openRecords({ data, given }: Settings): Promise<Database> {
  const url = readSetting("DATABASE_URL", given);
  return openDatabase(data, url === undefined ? undefined : { url, token: readSetting("DATABASE_AUTH_TOKEN", given) });
}

/** Opens the records for one task while nothing else has them, and brings them up to date first. */
export async function withRecords<T>(
  settings: Settings,
  work: (records: Records, migrated: MigrationReport) => Promise<T>,
): Promise<T> {
  const database = await openRecords(settings);
  try {
    const migrations = readMigrations(join(settings.root, "db", "migrations"));
    const migrated = await migrate(database, migrations, new Date(), settings.version);
    const queue = new WriteQueue(database.writer, {
      generation: loadGeneration(settings.data),
      clock: Date,
      // Rooms hear of it when the instance starts: the rows stay in the outbox.
      onOutbox: () => {},
    });
    try {
      return await work({ read: database.read, write: queue.write, clock: Date }, migrated);
    } finally {
      await queue.close();
    }
  } catch (error) {
    throw error instanceof MigrationRefused ? new CliError(error.message) : error;
  } finally {
    database.close();
  }
}
