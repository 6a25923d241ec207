/** What must change in a database that was brought back, and whether it is whole. */
import { pathToFileURL } from "node:url";
import { type Client, createClient } from "@libsql/client/sqlite3";
import { chainRow, INSTANCE_CHAIN, readHead, verifyChain } from "../../db/audit.ts";
import { BackupError } from "./errors.ts";

/** What was used up or taken back since would count again: sign-ins, links that set a password. Leases belong to runners that are gone. */
const ENDED = ["auth_sessions", "account_links", "run_leases"] as const;

/** Opens a database file for one task. */
async function using<T>(path: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = createClient({ url: pathToFileURL(path).href, concurrency: 1 });
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

/**
 * Looks at every page of a database and recomputes the audit chains.
 * @throws {BackupError} with what is wrong
 */
export async function requireWhole(path: string): Promise<void> {
  await using(path, async (client) => {
    const { rows } = await client.execute("PRAGMA integrity_check(1)").catch((error: unknown) => {
      throw new BackupError(`The database in this backup cannot be read (${error instanceof Error ? error.message : error}).`);
    });
    const verdict = String(rows[0]?.integrity_check);
    if (verdict !== "ok") throw new BackupError(`The database in this backup is damaged: ${verdict}.`);
    const chains = await client.execute("SELECT DISTINCT chain FROM activity");
    for (const { chain } of chains.rows) {
      const check = await verifyChain(client, String(chain));
      if (!check.ok) {
        throw new BackupError(`The audit of ${chain} in this backup was changed: at entry ${check.at}, ${check.why}.`);
      }
    }
  });
}

/**
 * Ends what must not come back to life, and notes in the audit that the instance was brought back.
 * @param from the state it was brought back to, and the generation it goes on with
 */
export async function settleDatabase(path: string, from: { at: string; generation: number }, now: Date): Promise<void> {
  await using(path, async (client) => {
    const entry = {
      chain: INSTANCE_CHAIN,
      actor: { id: "system", name: "Atrium", kind: "system" as const },
      action: "instance.restored",
      subject: { kind: "instance", id: "instance" },
      data: { stateOf: from.at, generation: from.generation },
    };
    const { sql, args } = chainRow(await readHead(client, INSTANCE_CHAIN), entry, now.toISOString());
    const tables = await client.execute("SELECT name FROM sqlite_master WHERE type = 'table'");
    const there = new Set(tables.rows.map(({ name }) => String(name)));
    // A backup of an older version may lack one.
    const endings = ENDED.filter((table) => there.has(table)).map((table) => `DELETE FROM ${table}`);
    await client.batch([...endings, { sql, args }], "write");
    await client.execute("PRAGMA wal_checkpoint(TRUNCATE)");
  });
}
