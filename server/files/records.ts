/** Files as records: rows, how they look, how they are found and written. */
import { z } from "@hono/zod-openapi";
import type { Client, Row } from "@libsql/client/sqlite3";
import { FILE_KINDS, FILE_OPS } from "../../db/schema/files.ts";
import type { SqlValue, Statement } from "../../db/write-queue.ts";
import { actorRef } from "../../party/protocol/common.ts";
import { id, time } from "../api/fields.ts";
import { SHOWN_AS, shownAs } from "./types.ts";

export const fileShape = z
  .object({
    id,
    kind: z.enum(FILE_KINDS),
    name: z.string(),
    mime: z.string().openapi({ description: "by its content" }),
    bytes: z.number().int(),
    sha256: z.string().nullable().openapi({ description: "of the content; null for a version that says it was removed" }),
    shownAs: z.enum(SHOWN_AS).openapi({ description: "how a screen can show it" }),
    by: actorRef,
    at: time,
    session: id.optional(),
    agent: id.optional(),
    run: id.optional(),
    call: z.string().optional(),
    path: z.string().optional().openapi({ description: "of a version: in the agent's workspace" }),
    op: z.enum(FILE_OPS).optional(),
    added: z.number().int().optional().openapi({ description: "lines" }),
    removed: z.number().int().optional().openapi({ description: "lines" }),
  })
  .openapi("File");
export type FileOut = z.infer<typeof fileShape>;

/**
 * The conversation a file belongs to: its own, that of the lane in whose workspace it lies (party/protocol/lanes.ts: behind the
 * joint, which no id contains), or that of the run that made it. The lane tells also before the archive knows the run.
 */
export const FILE_SESSION = `coalesce(f.session,
  CASE WHEN instr(f.agent, '-') > 0 THEN substr(f.agent, instr(f.agent, '-') + 1) END,
  (SELECT r.session FROM runs r WHERE r.id = f.run))`;
export const FILE_SELECT = `SELECT f.*, ${FILE_SESSION} AS place FROM files f`;

export function fileOf(row: Row): FileOut {
  const mime = String(row.mime);
  return fileShape.parse({
    id: row.id,
    kind: row.kind,
    name: row.name,
    mime,
    bytes: row.bytes,
    sha256: row.sha256,
    shownAs: row.sha256 === null ? "facts" : shownAs(mime),
    by: { id: row.created_by_id, name: row.created_by_name, kind: row.created_by_kind },
    at: row.created_at,
    session: row.place ?? undefined,
    agent: row.agent ?? undefined,
    run: row.run ?? undefined,
    call: row.call ?? undefined,
    path: row.path ?? undefined,
    op: row.op ?? undefined,
    added: row.added ?? undefined,
    removed: row.removed ?? undefined,
  });
}

/** A file of a company, deleted ones left out. Who may see it is for the caller to ask. */
export async function findFile(read: Client, company: string, file: string): Promise<FileOut | undefined> {
  const { rows } = await read.execute({
    sql: `${FILE_SELECT} WHERE f.id = ? AND f.company = ? AND f.deleted_at IS NULL`,
    args: [file, company],
  });
  return rows[0] && fileOf(rows[0]);
}

export type NewFile = Omit<FileOut, "shownAs" | "at"> & { company: string };

/** The row of a new file, unless it is there already. */
export function insertFile(file: NewFile, now: string): Statement {
  const columns: Record<string, SqlValue> = {
    id: file.id,
    company: file.company,
    kind: file.kind,
    sha256: file.sha256,
    name: file.name,
    mime: file.mime,
    bytes: file.bytes,
    created_by_id: file.by.id,
    created_by_name: file.by.name,
    created_by_kind: file.by.kind,
    created_at: now,
    session: file.session ?? null,
    agent: file.agent ?? null,
    run: file.run ?? null,
    call: file.call ?? null,
    path: file.path ?? null,
    op: file.op ?? null,
    added: file.added ?? null,
    removed: file.removed ?? null,
  };
  const names = Object.keys(columns);
  return {
    sql: `INSERT INTO files (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")}) ON CONFLICT DO NOTHING`,
    args: Object.values(columns),
  };
}
