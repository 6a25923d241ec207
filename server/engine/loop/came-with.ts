/** What came with a prompt beside its words: where it lies, and as the journal keeps it. */
import type { Attachment } from "../../../party/protocol/common.ts";
import type { Prompt } from "../../../party/protocol/internal.ts";
import type { AttachedFile, EarlierWords } from "../../models/model.ts";
import type { FilePort } from "../../runtimes/contract.ts";

/**
 * Puts the files of a prompt, and of what was said before it, into the workspace. One that cannot be had is missing in the
 * answer and does not hold up the words.
 * @returns paths by file
 */
export async function placeFiles(
  { attachments = [], history = [] }: Prompt,
  files: Pick<FilePort, "place">,
): Promise<ReadonlyMap<string, string>> {
  const inbox = new Map<string, string>();
  // One after the other: two files of one name must not meet.
  for (const attached of [...history.flatMap((said) => said.attachments ?? []), ...attachments]) {
    try {
      inbox.set(attached.file, await files.place(attached));
    } catch (error) {
      console.error(`the file ${attached.file} could not be put into the inbox`, error);
    }
  }
  return inbox;
}

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
