/** What came with a prompt beside its words, as the journal keeps it. Pure. */
import type { Attachment } from "../../../party/protocol/common.ts";
import type { Prompt } from "../../../party/protocol/internal.ts";
import type { AttachedFile, EarlierWords } from "../../models/model.ts";

/**
 * References to the files, with where they lie, and what was said before.
 * @param inbox paths in the workspace by file
 * @param agent whose own words are told apart from those of others
 */
export function cameWith(
  { attachments = [], history = [] }: Prompt,
  inbox: ReadonlyMap<string, string>,
  agent: string,
): { attachments?: AttachedFile[]; history?: EarlierWords[] } {
  const located = ({ file, name, mime, bytes }: Attachment): AttachedFile => {
    const path = inbox.get(file);
    return { file, name, mime, bytes, ...(path !== undefined && { path }) };
  };
  const before = history.map(({ by, text, at, attachments: files = [] }): EarlierWords => {
    const own = by.id === agent;
    return { by: by.name, ...(own && { own }), text, at, ...(files.length > 0 && { attachments: files.map(located) }) };
  });
  return {
    ...(attachments.length > 0 && { attachments: attachments.map(located) }),
    ...(before.length > 0 && { history: before }),
  };
}
