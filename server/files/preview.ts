/** What a screen shows of a file without opening it whole. Archives are never unpacked here: of them there are only facts. */
import { z } from "@hono/zod-openapi";
import { assertNever } from "../../party/protocol/assert.ts";
import type { Files } from "./files.ts";
import type { FileOut } from "./records.ts";
import { asMissing } from "./serve.ts";

/** bytes of a file that are read for a preview */
const PREVIEW_BYTES = 512 * 1024;
const MAX_ROWS = 200;
const MAX_COLUMNS = 100;
/** characters of one cell */
const MAX_CELL = 1_000;

export const previewShape = z
  .discriminatedUnion("kind", [
    z.object({ kind: z.literal("text"), text: z.string(), truncated: z.boolean() }),
    z.object({ kind: z.literal("markdown"), text: z.string(), truncated: z.boolean() }),
    z.object({ kind: z.literal("table"), rows: z.array(z.array(z.string())), truncated: z.boolean() }),
    z.object({ kind: z.literal("image") }).openapi({ description: "the picture is its own preview: `content?inline=1`" }),
    z.object({ kind: z.literal("pdf") }),
    z.object({ kind: z.literal("artifact"), text: z.string(), truncated: z.boolean() }).openapi({ description: "its source" }),
    z.object({ kind: z.literal("facts") }),
  ])
  .openapi("Preview");
export type Preview = z.infer<typeof previewShape>;

/** The preview of a file. */
export async function previewOf(files: Files, company: string, file: FileOut): Promise<Preview> {
  const { shownAs } = file;
  switch (shownAs) {
    case "text":
    case "markdown":
      return { kind: shownAs, ...(await beginning(files, company, file)) };
    case "page":
    case "drawing":
    case "diagram":
      return { kind: "artifact", ...(await beginning(files, company, file)) };
    case "table":
      return table(await beginning(files, company, file), file.mime);
    case "image":
    case "pdf":
    case "facts":
      return { kind: shownAs };
    default:
      return assertNever(shownAs);
  }
}

type Beginning = { text: string; truncated: boolean };

async function beginning(files: Files, company: string, { sha256, bytes }: FileOut): Promise<Beginning> {
  if (sha256 === null || bytes === 0) return { text: "", truncated: false };
  const head = await files.head(company, sha256, PREVIEW_BYTES).catch((error: unknown) => {
    throw asMissing(error);
  });
  const truncated = bytes > head.length;
  // `stream`: a character that the cut went through is left out.
  return { text: new TextDecoder().decode(head, { stream: truncated }), truncated };
}

async function table({ text, truncated }: Beginning, mime: string): Promise<Preview> {
  const { default: papa } = await import("papaparse");
  const delimiter = mime === "text/tab-separated-values" ? "\t" : "";
  const { data } = papa.parse<string[]>(text, { delimiter, preview: MAX_ROWS + 1, skipEmptyLines: true });
  const rows = data.slice(0, MAX_ROWS).map((row) => row.slice(0, MAX_COLUMNS).map((cell) => cell.slice(0, MAX_CELL)));
  const wide = data.some((row) => row.length > MAX_COLUMNS || row.some((cell) => cell.length > MAX_CELL));
  return { kind: "table", rows, truncated: truncated || wide || data.length > MAX_ROWS };
}
