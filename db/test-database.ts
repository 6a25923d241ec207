/** A real database in a temporary folder, for tests. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Database, openDatabase } from "./client.ts";
import { migrate, readMigrations } from "./migrate.ts";

export const MIGRATIONS = resolve(import.meta.dirname, "migrations");

export type TestDatabase = Database & { folder: string; remove(): void };

/** Opened and migrated; call `remove` at the end. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), "atrium-db-"));
  const database = await openDatabase(folder);
  await migrate(database, readMigrations(MIGRATIONS), new Date());
  return {
    ...database,
    folder,
    remove() {
      database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
