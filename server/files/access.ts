/** Who may see a file: the company it belongs to and, of a private conversation, only that conversation's people. */
import type { Client } from "@libsql/client/sqlite3";
import type { SqlValue } from "../../db/write-queue.ts";
import type { RunTokenClaims } from "../../party/protocol/internal.ts";
import { canSeeSession, isPrivate, notHidden } from "../api/live/sessions/visible.ts";
import { FILE_SESSION, type FileOut, findFile } from "./records.ts";

export { canSeeSession };

/** Narrows a query over `files f` to what the person may see. */
export function visibleTo(company: string, user: string): { sql: string; args: SqlValue[] } {
  return { sql: `f.company = ? AND f.deleted_at IS NULL AND ${notHidden(FILE_SESSION)}`, args: [company, user] };
}

/** A file that the person may see. */
export async function findVisibleFile(read: Client, company: string, user: string, file: string): Promise<FileOut | undefined> {
  const found = await findFile(read, company, file);
  if (!found) return undefined;
  return found.session === undefined || (await canSeeSession(read, company, user, found.session)) ? found : undefined;
}

/** A file that a run may read: of the company, and of no private conversation but the one that the run works for. */
export async function findFileOfRun(
  read: Client,
  { company, lane }: Pick<RunTokenClaims, "company" | "lane">,
  file: string,
): Promise<FileOut | undefined> {
  const found = await findFile(read, company, file);
  const place = found?.session;
  return place === undefined || place === lane || !(await isPrivate(read, place)) ? found : undefined;
}
