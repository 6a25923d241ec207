/** Who may see a file: the company it belongs to and, of a private conversation, only that conversation's people. */
import type { Client } from "@libsql/client/sqlite3";
import type { SqlValue } from "../../db/write-queue.ts";
import { type FileOut, findFile } from "./records.ts";

/** True when a conversation is one of the company that the person may see. */
export async function canSeeSession(read: Client, company: string, _user: string, session: string): Promise<boolean> {
  const { rows } = await read.execute({ sql: "SELECT 1 FROM sessions WHERE id = ? AND company = ?", args: [session, company] });
  return rows.length > 0;
}

/** Narrows a query over `files f` to what the person may see. */
export function visibleTo(company: string, _user: string): { sql: string; args: SqlValue[] } {
  return { sql: "f.company = ? AND f.deleted_at IS NULL", args: [company] };
}

/** A file that the person may see. */
export async function findVisibleFile(read: Client, company: string, user: string, file: string): Promise<FileOut | undefined> {
  const found = await findFile(read, company, file);
  if (!found) return undefined;
  return found.session === undefined || (await canSeeSession(read, company, user, found.session)) ? found : undefined;
}
