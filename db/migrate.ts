/**
 * Brings the database to the form this code knows, before anything listens. What is there is copied first, each step is
 * one transaction, and a database of a newer version is left alone.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Client } from "@libsql/client/sqlite3";
import { z } from "zod";
import { type Database, makePrivateFile } from "./client.ts";
import { MigrationRefused } from "./errors.ts";

/** copies kept; older ones are removed after a successful migration */
const KEEP_COPIES = 5;
const COPY_NAME = /^pre-migrate-.*\.db$/;

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

/**
 * Applies what is missing.
 * @throws {MigrationRefused} the database is newer than this code, or a migration it has seen was changed since
 */
export async function migrate(database: Database, migrations: Migration[], now: Date): Promise<MigrationReport> {
  const { writer, path } = database;
  await writer.execute("CREATE TABLE IF NOT EXISTS migrations (tag TEXT PRIMARY KEY, hash TEXT NOT NULL, at TEXT NOT NULL)");
  const applied = await readApplied(writer);
  refuseUnknown(applied, migrations);
  const missing = migrations.filter(({ tag }) => !applied.has(tag));
  if (missing.length === 0) return { applied: [], copy: undefined };

  const last = [...applied.keys()].at(-1);
  // A server keeps copies of its own: nobody can reach its files from here.
  const copy = last === undefined || path === undefined ? undefined : await copyFirst(writer, path, last, now);
  for (const { tag, hash, statements } of missing) {
    // `migrate` is one transaction with foreign keys off, which SQLite needs to rebuild a table.
    await writer.migrate([
      ...statements,
      { sql: "INSERT INTO migrations (tag, hash, at) VALUES (?, ?, ?)", args: [tag, hash, now.toISOString()] },
    ]);
  }
  const broken = await writer.execute("PRAGMA foreign_key_check");
  if (broken.rows.length > 0) {
    throw new MigrationRefused(
      `The migration left rows that point nowhere (${String(broken.rows[0]?.table)}).${copy ? ` The copy before it is ${copy}.` : ""}`,
    );
  }
  if (copy) removeOldCopies(dirname(copy));
  return { applied: missing.map(({ tag }) => tag), copy };
}

async function readApplied(writer: Client): Promise<Map<string, string>> {
  const { rows } = await writer.execute("SELECT tag, hash FROM migrations ORDER BY tag");
  return new Map(rows.map((row) => [String(row.tag), String(row.hash)]));
}

function refuseUnknown(applied: ReadonlyMap<string, string>, migrations: readonly Migration[]): void {
  const known = new Map(migrations.map(({ tag, hash }) => [tag, hash]));
  for (const [tag, hash] of applied) {
    if (!known.has(tag)) {
      throw new MigrationRefused(
        `The database was written by a newer version of Atrium (it has ${tag}). Start that version, or restore a backup made before it.`,
      );
    }
    if (known.get(tag) !== hash) {
      throw new MigrationRefused(
        `The migration ${tag} differs from the one this database was made with. Start the version that made it.`,
      );
    }
  }
}

/** @returns absolute path of the copy */
async function copyFirst(writer: Client, path: string, version: string, now: Date): Promise<string> {
  const folder = join(dirname(path), "backups");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const copy = join(folder, `pre-migrate-${version}-${now.toISOString().replaceAll(":", "-")}.db`);
  // SQLite would make it as readable as the umask says; an empty file it takes as it is.
  makePrivateFile(copy);
  await writer.execute({ sql: "VACUUM INTO ?", args: [copy] });
  return copy;
}

function removeOldCopies(folder: string): void {
  const copies = readdirSync(folder)
    .filter((name) => COPY_NAME.test(name))
    .sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1));
  for (const name of copies.slice(0, -KEEP_COPIES)) rmSync(join(folder, name));
}

/** The ISO time at the end of a copy's name. */
function timeOf(name: string): string {
  return name.slice(-"2026-01-01T00-00-00.000Z.db".length);
}
