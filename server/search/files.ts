/** What of a file becomes searchable: its name, and its text where it has one. */
import type { Statement } from "../../db/write-queue.ts";
import { laneOf } from "../../party/protocol/lanes.ts";
import type { NewFile } from "../files/records.ts";
import { isText, shownAs } from "../files/types.ts";
import { BODY_CHARS, fileKey, removeDoc, writeDoc } from "./documents.ts";

/** bytes of a PDF whose text is indexed: it is read as a whole, in a thread beside the process that serves people */
export const INDEXED_PDF_BYTES = 16 * 1024 * 1024;

/** The statements that put a new file into the index; of a file of a workspace only its newest version is there. */
export function fileDocs(file: NewFile, at: string, text: string): Statement[] {
  const { id, company, agent, path, run } = file;
  const lane = agent === undefined ? undefined : laneOf(agent);
  const older: Statement[] =
    file.kind === "version" && agent !== undefined && path !== undefined
      ? [
          {
            sql: `DELETE FROM search_docs WHERE kind = 'file' AND ref IN
              (SELECT id FROM files WHERE agent = ? AND path = ? AND kind = 'version' AND id < ?)`,
            args: [agent, path, id],
          },
        ]
      : [];
  if (file.sha256 === null) return older;
  return [
    ...older,
    writeDoc({
      key: fileKey(id),
      company,
      kind: "file",
      ref: id,
      agent: lane?.owner ?? agent,
      session: file.session ?? lane?.session,
      run,
      byName: file.by.name,
      at,
      body: bodyOf(file, text),
    }),
  ];
}

/** The statement that takes a file out of the index. */
export function forgetFile(file: string): Statement {
  return removeDoc(fileKey(file));
}

/** The statement that adds the text that was read out of a file later. A file that is gone by then stays gone. */
export function addFileText(file: Pick<NewFile, "id" | "name" | "path">, text: string): Statement {
  return {
    sql: "UPDATE search_docs SET body = ? WHERE key = ?",
    args: [bodyOf(file, text).slice(0, BODY_CHARS), fileKey(file.id)],
  };
}

/** @param head the first bytes of the content @param whole true when that is all of it */
export function textOfHead(mime: string, head: Uint8Array, whole: boolean): string {
  if (shownAs(mime) === "facts" || !isText(head, whole)) return "";
  // `stream`: a character that the cut went through is left out.
  return new TextDecoder().decode(head, { stream: !whole });
}

function bodyOf({ name, path }: Pick<NewFile, "name" | "path">, text: string): string {
  return `${path ?? name}\n${text}`.trimEnd();
}
