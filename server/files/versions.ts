/** Versions: each content that an agent gave a file of its workspace, in the order it happened. */
import type { Client } from "@libsql/client/sqlite3";
import type { Write } from "../../db/write-queue.ts";
import { newId } from "../../party/protocol/ids.ts";
import { laneOf } from "../../party/protocol/lanes.ts";
import { fileDocs } from "../search/files.ts";
import { countLineChanges } from "../tools/line-diff.ts";
import type { Files } from "./files.ts";
import { safeName } from "./names.ts";
import { FILE_SELECT, type FileOut, fileOf, insertFile, type NewFile } from "./records.ts";
import { isText } from "./types.ts";

/** bytes of a text whose lines are compared */
export const COMPARED_BYTES = 1024 * 1024;

export type VersionDeps = { read: Client; write: Write; files: Files };
/** Whose workspace, and which run did it. */
export type VersionOwner = { company: string; agent: string; run: string };
export type VersionChange = {
  path: string;
  op: "added" | "changed" | "removed";
  call: string;
  /** lines; counted here when they are missing */
  added?: number;
  removed?: number;
};
export type KeptVersion = { file: string; added: number; removed: number; same: boolean };

/** The newest version of a path in a workspace, below an id. */
export async function newestVersion(read: Client, agent: string, path: string, below?: string): Promise<FileOut | undefined> {
  const { rows } = await read.execute({
    sql: `${FILE_SELECT} WHERE f.agent = ? AND f.path = ? AND f.kind = 'version' AND f.deleted_at IS NULL
      AND (? IS NULL OR f.id < ?) ORDER BY f.id DESC LIMIT 1`,
    args: [agent, path, below ?? null, below ?? null],
  });
  return rows[0] && fileOf(rows[0]);
}

/**
 * Keeps a change of a file as a version. The same change told again, after a lost answer, is the same version.
 * @param content null for a removed file
 * @throws {TooLong} past `limit` bytes
 */
export async function keepVersion(
  { read, write, files }: VersionDeps,
  { company, agent, run }: VersionOwner,
  change: VersionChange,
  content: AsyncIterable<Uint8Array> | null,
  limit: number,
): Promise<KeptVersion> {
  const { path, op, call } = change;
  // A lane's workspace is its own, and the agent who writes there is the agent.
  const author = laneOf(agent)?.owner ?? agent;
  const { rows } = await read.execute({ sql: "SELECT name FROM agents WHERE id = ? AND company = ?", args: [author, company] });
  const by = { id: author, name: String(rows[0]?.name ?? "Agent"), kind: "agent" } as const;
  const before = await newestVersion(read, agent, path);
  const base = { id: newId("fi"), company, kind: "version" as const, name: safeName(path), by, agent, run, call, path, op };
  if (op === "removed") {
    if (before?.op === "removed") return { file: before.id, added: 0, removed: 0, same: true };
    const counts = { added: 0, removed: change.removed ?? (await linesOf(files, company, before)) };
    const row: NewFile = { ...base, ...counts, sha256: null, bytes: 0, mime: before?.mime ?? "text/plain" };
    await write(({ now }) => [insertFile(row, now), ...fileDocs(row, now, "")]);
    return { file: row.id, ...counts, same: false };
  }
  const spooled = await files.spool(content ?? empty(), limit);
  try {
    if (before?.sha256 === spooled.sha256) {
      return { file: before.id, added: before.added ?? 0, removed: before.removed ?? 0, same: before.call !== call };
    }
    const counts = { added: change.added ?? 0, removed: change.removed ?? 0 };
    const kept = await files.keep(spooled, { ...base, ...counts });
    if (change.added !== undefined) return { file: kept.id, ...counts, same: false };
    const counted = await countBetween(files, company, before, kept);
    await write(() => [
      { sql: "UPDATE files SET added = ?, removed = ? WHERE id = ?", args: [counted.added, counted.removed, kept.id] },
    ]);
    return { file: kept.id, ...counted, same: false };
  } finally {
    await files.drop(spooled);
  }
}

async function* empty(): AsyncGenerator<Uint8Array> {}

/** The text of a version, when it is a text short enough to be compared; no version is no text. */
export async function comparedText(files: Files, company: string, file: FileOut | undefined): Promise<string | undefined> {
  if (!file || file.sha256 === null || file.bytes === 0) return "";
  if (file.bytes > COMPARED_BYTES) return undefined;
  const bytes = await files.head(company, file.sha256, COMPARED_BYTES);
  return isText(bytes, true) ? new TextDecoder().decode(bytes) : undefined;
}

async function countBetween(files: Files, company: string, before: FileOut | undefined, after: FileOut) {
  const nothing = { added: 0, removed: 0 };
  // What it was before it changed is only known where a version of that was kept.
  if (!before && after.op === "changed") return nothing;
  const [a, b] = [await comparedText(files, company, before), await comparedText(files, company, after)];
  if (a === undefined || b === undefined) return nothing;
  const { added, removed } = countLineChanges(a, b);
  return { added, removed };
}

async function linesOf(files: Files, company: string, file: FileOut | undefined): Promise<number> {
  return countLineChanges((await comparedText(files, company, file)) ?? "", "").removed;
}
