/**
 * Content-addressed blobs: one per content and company, however many files hold it. A blob is put before its first row and
 * removed after its last, both under one lock a blob; what a crash leaves in between, the sweep finds.
 */
import type { Client } from "@libsql/client/sqlite3";
import type { Logger } from "pino";
import type { Spooled } from "./spool.ts";
import { blobKey, type Storage } from "./storage.ts";

/** ms a blob without a row stays: long enough for a backup that copies files before the database */
const ORPHAN_KEEP_MS = 3_600_000;

export type Blobs = {
  /** Puts a content and writes the row that names it; the spooled file stays. Without the row the blob goes again. */
  keep<T>(company: string, spooled: Spooled, record: () => Promise<T>): Promise<T>;
  /** Removes the blob when no row names it any more. */
  release(company: string, sha256: string): Promise<void>;
  /** Removes blobs that no row names and that are old enough. @returns how many */
  sweep(): Promise<number>;
  /** Removes the blobs of a company that no row names, however new: for one that was deleted. */
  discard(company: string): Promise<void>;
};

export type BlobDeps = { storage: Storage; read: Client; log: Logger; now(): number };

export function createBlobs({ storage, read, log, now }: BlobDeps): Blobs {
  /** ends of the work on each blob */
  const queues = new Map<string, Promise<unknown>>();

  async function alone<T>(key: string, work: () => Promise<T>): Promise<T> {
    const turn = (queues.get(key) ?? Promise.resolve()).then(work, work);
    const settled = turn.catch(() => undefined);
    queues.set(key, settled);
    try {
      return await turn;
    } finally {
      if (queues.get(key) === settled) queues.delete(key);
    }
  }

  async function isNamed(company: string, sha256: string): Promise<boolean> {
    const { rows } = await read.execute({
      sql: "SELECT 1 FROM files WHERE company = ? AND sha256 = ? AND deleted_at IS NULL LIMIT 1",
      args: [company, sha256],
    });
    return rows.length > 0;
  }

  async function removeUnnamed(key: string): Promise<boolean> {
    const [company, , sha256] = key.split("/");
    if (company && sha256 && (await isNamed(company, sha256))) return false;
    await storage.remove(key);
    return true;
  }

  return {
    async keep(company, spooled, record) {
      const key = blobKey(company, spooled.sha256);
      return await alone(key, async () => {
        try {
          await storage.put(key, spooled.path, spooled.bytes);
          return await record();
        } catch (error) {
          await removeUnnamed(key).catch((why: unknown) =>
            log.warn({ err: why, key }, "a blob without a row stays until the sweep"),
          );
          throw error;
        }
      });
    },
    async release(company, sha256) {
      const key = blobKey(company, sha256);
      await alone(key, () => removeUnnamed(key));
    },
    async sweep() {
      let removed = 0;
      for await (const { key, modifiedAt } of storage.list("")) {
        if (now() - modifiedAt < ORPHAN_KEEP_MS) continue;
        if (await alone(key, () => removeUnnamed(key))) removed += 1;
      }
      return removed;
    },
    async discard(company) {
      for await (const { key } of storage.list(`${company}/`)) await alone(key, () => removeUnnamed(key));
    },
  };
}
