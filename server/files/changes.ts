/** What a run changed: each file once, as it was before the run and as the run left it. */
import { z } from "@hono/zod-openapi";
import type { Client } from "@libsql/client/sqlite3";
import { FILE_OPS } from "../../db/schema/files.ts";
import { id } from "../api/fields.ts";
import { diffLines, hunkShape } from "./diff.ts";
import type { Files } from "./files.ts";
import { FILE_SELECT, type FileOut, fileOf } from "./records.ts";
import { comparedText, newestVersion } from "./versions.ts";

/** files of a run that are listed */
const MAX_FILES = 500;
/** files that are compared in one answer */
const MAX_DIFFS = 30;

export const changeShape = z
  .object({
    path: z.string(),
    op: z.enum(FILE_OPS),
    added: z.number().int(),
    removed: z.number().int(),
    before: id.nullable().openapi({ description: "the version before the run, when one was kept" }),
    after: id.openapi({ description: "the version that the run left" }),
    diff: z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("lines"), hunks: z.array(hunkShape), truncated: z.boolean() }),
      /** `unknown_before`: nothing was kept of what it was; `many`: ask with `path` */
      z.object({ kind: z.literal("none"), why: z.enum(["binary", "unknown_before", "many"]) }),
    ]),
  })
  .openapi("FileChange");
export type ChangeOut = z.infer<typeof changeShape>;

/** The changes of a run, by path. @param path when given, only that file's */
export async function changesOfRun(
  { read, files }: { read: Client; files: Files },
  company: string,
  run: string,
  path: string | undefined,
): Promise<ChangeOut[]> {
  const { rows } = await read.execute({
    sql: `${FILE_SELECT} WHERE f.run = ? AND f.company = ? AND f.kind = 'version' AND f.deleted_at IS NULL
      AND (? IS NULL OR f.path = ?) ORDER BY f.path, f.id`,
    args: [run, company, path ?? null, path ?? null],
  });
  const byPath = new Map<string, FileOut[]>();
  for (const file of rows.map(fileOf)) byPath.set(file.path ?? "", [...(byPath.get(file.path ?? "") ?? []), file]);
  const changes: ChangeOut[] = [];
  for (const [at, versions] of [...byPath].slice(0, MAX_FILES)) {
    const [first, last] = [versions[0], versions.at(-1)];
    if (!first || !last) continue;
    const before = await newestVersion(read, first.agent ?? "", at, first.id);
    const isNew = first.op === "added" && (!before || before.op === "removed");
    const op = last.op === "removed" ? "removed" : isNew ? "added" : "changed";
    const diff = changes.length < MAX_DIFFS ? await compare(files, company, before, last, first.op === "changed") : MANY;
    const total = (which: "added" | "removed"): number => versions.reduce((sum, version) => sum + (version[which] ?? 0), 0);
    changes.push({
      path: at,
      op,
      added: total("added"),
      removed: total("removed"),
      before: before?.id ?? null,
      after: last.id,
      diff,
    });
  }
  return changes;
}

const MANY: ChangeOut["diff"] = { kind: "none", why: "many" };

/** @param existed true when the file was there before the first version that is known */
async function compare(
  files: Files,
  company: string,
  before: FileOut | undefined,
  after: FileOut,
  existed: boolean,
): Promise<ChangeOut["diff"]> {
  if (!before && existed) return { kind: "none", why: "unknown_before" };
  const [a, b] = [await comparedText(files, company, before), await comparedText(files, company, after)];
  return a === undefined || b === undefined ? { kind: "none", why: "binary" } : { kind: "lines", ...diffLines(a, b) };
}
