/** Lists of files: the newest first, each file of a workspace once. */
import type { Client } from "@libsql/client/sqlite3";
import type { SqlValue } from "../../db/write-queue.ts";
import { visibleTo } from "./access.ts";
import { FILE_SELECT, FILE_SESSION, type FileOut, fileOf } from "./records.ts";

export type FileQuery = {
  agent?: string;
  session?: string;
  run?: string;
  /** whole path in a workspace */
  path?: string;
  /** part of a name or path */
  q?: string;
  /** ids are in the order of time */
  below?: string;
};

/** A version that a newer one of the same file has replaced, or that says that the file is gone. */
const IS_PAST = `f.kind = 'version' AND (f.op = 'removed' OR EXISTS (SELECT 1 FROM files n
  WHERE n.agent = f.agent AND n.path = f.path AND n.deleted_at IS NULL AND n.id > f.id))`;

/** Files a person may see, newest first. Of what agents wrote the newest version only, except of one run or one path. */
export async function listFiles(
  read: Client,
  company: string,
  user: string,
  { agent, session, run, path, q, below }: FileQuery,
  limit: number,
): Promise<FileOut[]> {
  const visible = visibleTo(company, user);
  const wheres: { sql: string; args: SqlValue[] }[] = [visible];
  const equal = (column: string, value: string | undefined): void => {
    if (value !== undefined) wheres.push({ sql: `${column} = ?`, args: [value] });
  };
  equal("f.agent", agent);
  equal(FILE_SESSION, session);
  equal("f.run", run);
  equal("f.path", path);
  if (run === undefined && path === undefined) wheres.push({ sql: `NOT (${IS_PAST})`, args: [] });
  if (q !== undefined) wheres.push({ sql: "instr(lower(coalesce(f.path, f.name)), ?) > 0", args: [q.toLowerCase()] });
  if (below !== undefined) wheres.push({ sql: "f.id < ?", args: [below] });
  const { rows } = await read.execute({
    sql: `${FILE_SELECT} WHERE ${wheres.map(({ sql }) => sql).join(" AND ")} ORDER BY f.id DESC LIMIT ?`,
    args: [...wheres.flatMap(({ args }) => args), limit],
  });
  return rows.map(fileOf);
}

/** Every version of a file of a workspace, newest first; an upload is its own only version. */
export async function versionsOf(read: Client, company: string, user: string, file: FileOut, limit: number): Promise<FileOut[]> {
  if (file.kind === "upload" || file.path === undefined) return [file];
  return listFiles(read, company, user, { agent: file.agent, path: file.path }, limit);
}
