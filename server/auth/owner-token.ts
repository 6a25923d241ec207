/** The link that makes the first person the owner. Only whoever sees the terminal has it; a stranger who is faster does not. */
import type { Client } from "@libsql/client/sqlite3";
import { mustHold, type Statement, type Write } from "../../db/write-queue.ts";
import { hashToken, matchesHash, newToken } from "./tokens.ts";

const KEY = "owner_token_hash";

/** A new token while the instance has nobody, else undefined. Each start makes its own: only the newest opens. */
export async function makeOwnerToken(read: Client, write: Write): Promise<string | undefined> {
  const { rows } = await read.execute("SELECT 1 FROM users LIMIT 1");
  if (rows.length > 0) return undefined;
  const token = newToken();
  await write(() => [
    {
      sql: "INSERT INTO instance (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      args: [KEY, hashToken(token)],
    },
  ]);
  return token;
}

/** True for the token of an instance without people. */
export async function isOwnerToken(read: Client, token: string): Promise<boolean> {
  const { rows } = await read.execute({
    sql: "SELECT value FROM instance WHERE key = ? AND NOT EXISTS (SELECT 1 FROM users)",
    args: [KEY],
  });
  const stored = rows[0]?.value;
  return typeof stored === "string" && matchesHash(token, stored);
}

/** Uses the token up. Refuses with `taken_over` when somebody else was first. */
export function spendOwnerToken(token: string): Statement[] {
  return [
    mustHold("taken_over", "SELECT NOT EXISTS (SELECT 1 FROM users)"),
    mustHold("taken_over", "SELECT EXISTS (SELECT 1 FROM instance WHERE key = ? AND value = ?)", [KEY, hashToken(token)]),
    { sql: "DELETE FROM instance WHERE key = ?", args: [KEY] },
  ];
}
