/**
 * Brings the database to the form this code knows, before anything listens. What is there is copied first, each step is
 * one transaction, and a database of a newer version is left alone.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Client } from "@libsql/client/sqlite3";
import { z } from "zod";
import type { Database } from "./client.ts";
import { copyBefore, removeOldCopies, usableCopy } from "./copies.ts";
import { MigrationRefused } from "./errors.ts";

const journal = z.object({ entries: z.array(z.object({ idx: z.number(), when: z.number(), tag: z.string() })) });

export type Migration = { tag: string; when: number; hash: string; statements: string[] };

/** The migrations drizzle-kit generated, oldest first. @param folder `db/migrations` */
export function readMigrations(folder: string): Migration[] {
  const { entries } = journal.parse(JSON.parse(readFileSync(join(folder, "meta", "_journal.json"), "utf8")));
  return entries
    .sort((a, b) => a.idx - b.idx)
    .map(({ tag, when }) => {
      const text = readFileSync(join(folder, `${tag}.sql`), "utf8");
      return {
        tag,
        when,
        hash: createHash("sha256").update(text).digest("hex"),
        statements: text.split("--> statement-breakpoint").filter((part) => part.trim() !== ""),
      };
    });
}

export type MigrationReport = { applied: string[]; copy: string | undefined };

/** The key in the table of the instance: the version that used the database last. */
const VERSION_KEY = "version";

/**
 * Applies what is missing.
 * @param version of this program
 * @throws {MigrationRefused} the database is newer than this code, or a migration it has seen was changed since
 */
export async function migrate(
  database: Database,
  migrations: Migration[],
  now: Date,
  version = "0.0.0",
): Promise<MigrationReport> {
  const { writer, path } = database;
  await writer.execute("CREATE TABLE IF NOT EXISTS migrations (tag TEXT PRIMARY KEY, hash TEXT NOT NULL, at TEXT NOT NULL)");
  const applied = await readApplied(writer);
  await refuseUnknown(database, applied, migrations, version);
  const missing = migrations.filter(({ tag }) => !applied.has(tag));
  // A server keeps copies of its own: nobody can reach its files from here.
  const isUpgrade = missing.length > 0 && applied.size > 0 && path !== undefined;
  const copy = isUpgrade ? await copyBefore(writer, path, version, now) : undefined;
  for (const { tag, hash, statements } of missing) {
    // `migrate` is one transaction with foreign keys off, which SQLite needs to rebuild a table.
    await writer.migrate([
      ...statements,
      { sql: "INSERT INTO migrations (tag, hash, at) VALUES (?, ?, ?)", args: [tag, hash, now.toISOString()] },
    ]);
  }
  if (missing.length > 0) {
    const broken = await writer.execute("PRAGMA foreign_key_check");
    if (broken.rows.length > 0) {
      throw new MigrationRefused(
        `The migration left rows that point nowhere (${String(broken.rows[0]?.table)}).${copy ? ` The copy before it is ${copy}.` : ""}`,
      );
    }
    if (path !== undefined) removeOldCopies(path);
  }
  await noteVersion(writer, version);
  return { applied: missing.map(({ tag }) => tag), copy };
}

/** Written only when it differs: a start is no reason to write. */
async function noteVersion(writer: Client, version: string): Promise<void> {
  if ((await lastVersion(writer)) === version) return;
  await writer.execute({
    sql: "INSERT INTO instance (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    args: [VERSION_KEY, version],
  });
}

async function lastVersion(writer: Client): Promise<string | undefined> {
  const { rows } = await writer.execute({ sql: "SELECT value FROM instance WHERE key = ?", args: [VERSION_KEY] });
  return rows[0] && String(rows[0].value);
}

async function readApplied(writer: Client): Promise<Map<string, string>> {
  const { rows } = await writer.execute("SELECT tag, hash FROM migrations ORDER BY tag");
  return new Map(rows.map((row) => [String(row.tag), String(row.hash)]));
}

async function refuseUnknown(
  { writer, path }: Database,
  applied: ReadonlyMap<string, string>,
  migrations: readonly Migration[],
  version: string,
): Promise<void> {
  const known = new Map(migrations.map(({ tag, hash }) => [tag, hash]));
  for (const [tag, hash] of applied) {
    if (!known.has(tag)) {
      const newer = (await lastVersion(writer)) ?? "a newer version";
      throw new MigrationRefused(
        `This data was used by Atrium ${newer} (its database has ${tag}), and this is ${version}: it would not understand it. Start ${newer} again. ${await wayBack(path, new Set(known.keys()))}`,
      );
    }
    if (known.get(tag) !== hash) {
      throw new MigrationRefused(
        `The migration ${tag} differs from the one this database was made with. Start the version that made it.`,
      );
    }
  }
}

/** How to go back to a version that is older than the database. */
async function wayBack(path: string | undefined, known: ReadonlySet<string>): Promise<string> {
  const copy = path === undefined ? undefined : await usableCopy(path, known);
  if (copy === undefined) return "Or restore a backup made before the upgrade: npm run atrium -- restore <file> --force";
  return `Or go back to the copy made before the upgrade, which forgets what came after it: npm run atrium -- restore ${copy} --force`;
}
