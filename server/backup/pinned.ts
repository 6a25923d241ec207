/** A database as it was at one moment, while others go on writing to it. */
import { rmSync } from "node:fs";
import { backup, DatabaseSync } from "node:sqlite";
import { BackupError } from "./errors.ts";

/** pages copied before others get a turn; 16 MiB */
const PAGES_AT_ONCE = 4_096;
const SQLITE_BUSY = 5;
const SQLITE_CANTOPEN = 14;

export class PinnedDatabase {
  readonly path: string;
  readonly #database: DatabaseSync;

  /**
   * Opens a read transaction: what is committed later is not seen through it. Writers are not held up.
   * @throws {DatabaseBusy} when a writer was stopped in the middle of publishing a commit
   */
  constructor(path: string) {
    this.path = path;
    try {
      this.#database = new DatabaseSync(path, { readOnly: true, timeout: 0 });
    } catch (error) {
      throw explain(path, error);
    }
    try {
      this.#database.exec("BEGIN");
      // The snapshot is taken by the first read, not by BEGIN.
      this.#database.prepare("SELECT count(*) FROM sqlite_schema").get();
    } catch (error) {
      this.#database.close();
      throw explain(path, error);
    }
  }

  /** A value of the database as it was. */
  value(sql: string): unknown {
    const row = this.#database.prepare(sql).get();
    return row && Object.values(row)[0];
  }

  /** Writes the database as it was into a new file that stands for itself, without a log beside it. */
  async copyTo(path: string): Promise<void> {
    await backup(this.#database, path, { rate: PAGES_AT_ONCE });
    for (const companion of [`${path}-wal`, `${path}-shm`]) rmSync(companion, { force: true });
  }

  close(): void {
    this.#database.close();
  }
}

/** A writer was in the middle of something: another moment will do. */
export class DatabaseBusy extends Error {
  override name = "DatabaseBusy";
}

function explain(path: string, error: unknown): unknown {
  const code = error instanceof Error && "errcode" in error ? error.errcode : undefined;
  if (code === SQLITE_BUSY) return new DatabaseBusy(path);
  if (code === SQLITE_CANTOPEN) {
    return new BackupError(
      `${path} cannot be opened. Run this as the user that runs Atrium; with very many rooms raise \`ulimit -n\`.`,
    );
  }
  return error;
}
