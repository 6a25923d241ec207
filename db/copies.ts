/** Copies of the database made before an upgrade: `before-<version>-<time>.db` in `backups/`. */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Client, createClient } from "@libsql/client/sqlite3";
import { makePrivateFile } from "./client.ts";

/** copies kept; older ones are removed after a successful migration */
const KEEP = 3;
/** The second form is that of earlier versions. */
const NAME = /^(before|pre-migrate)-.+-(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z)\.db$/;

/**
 * Copies the database as it is.
 * @param path of the database
 * @param version that is about to change it
 * @returns absolute path of the copy
 */
export async function copyBefore(writer: Client, path: string, version: string, now: Date): Promise<string> {
  const folder = copiesOf(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const copy = join(folder, `before-${version}-${now.toISOString().replaceAll(":", "-")}.db`);
  // SQLite would make it as readable as the umask says; an empty file it takes as it is.
  makePrivateFile(copy);
  await writer.execute({ sql: "VACUUM INTO ?", args: [copy] });
  return copy;
}

/** Keeps the newest ones. */
export function removeOldCopies(path: string): void {
  const folder = copiesOf(path);
  for (const name of copyNames(folder).slice(KEEP)) rmSync(join(folder, name));
}

/**
 * The newest copy that a program with these migrations can use.
 * @param known tags of its migrations
 */
export async function usableCopy(path: string, known: ReadonlySet<string>): Promise<string | undefined> {
  const folder = copiesOf(path);
  for (const name of copyNames(folder)) {
    const copy = join(folder, name);
    const client = createClient({ url: pathToFileURL(copy).href, concurrency: 1 });
    try {
      const { rows } = await client.execute("SELECT tag FROM migrations");
      if (rows.every(({ tag }) => known.has(String(tag)))) return copy;
    } catch {
      // Not a whole copy: an older one may be.
    } finally {
      client.close();
    }
  }
  return undefined;
}

/** Newest first. */
function copyNames(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names.filter((name) => NAME.test(name)).sort((a, b) => (timeOf(a) < timeOf(b) ? 1 : -1));
}

function timeOf(name: string): string {
  return NAME.exec(name)?.[2] ?? "";
}

function copiesOf(path: string): string {
  return join(dirname(path), "backups");
}
