/** Files that go with a message: looked at by the api, because a room knows none. */
import type { Client } from "@libsql/client/sqlite3";
import type { Write } from "../../../../db/write-queue.ts";
import type { Attachment } from "../../../../party/protocol/common.ts";
import { findVisibleFile } from "../../../files/access.ts";
import { invalid } from "../../errors.ts";

type Place = { company: string; user: string; session: string };

/**
 * The files as messages carry them. An upload that lies nowhere yet is from here on in the conversation, and seen by whom that
 * is seen by.
 * @throws 400 for one that is not there, is gone, or belongs to another private conversation
 */
export async function attach(read: Client, write: Write, place: Place, ids: readonly string[]): Promise<Attachment[]> {
  const { company, user, session } = place;
  const wanted = [...new Set(ids)];
  const files = await Promise.all(wanted.map((file) => findVisibleFile(read, company, user, file)));
  const loose: string[] = [];
  const attachments: Attachment[] = [];
  for (const file of files) {
    if (!file || file.sha256 === null) throw invalid("attachments", "One of these files is not there any more. Upload it again.");
    if (file.session === undefined && file.kind === "upload" && file.by.id === user) loose.push(file.id);
    else if (file.session !== undefined && file.session !== session && (await isPrivate(read, file.session)))
      throw invalid("attachments", `${file.name} belongs to a private conversation. Upload it here to show it here.`);
    attachments.push({ file: file.id, name: file.name, mime: file.mime, bytes: file.bytes });
  }
  if (loose.length > 0) {
    await write(() => [
      {
        sql: "UPDATE files SET session = ? WHERE session IS NULL AND id IN (SELECT value FROM json_each(?))",
        args: [session, JSON.stringify(loose)],
      },
    ]);
  }
  return attachments;
}

async function isPrivate(read: Client, session: string): Promise<boolean> {
  const { rows } = await read.execute({ sql: "SELECT 1 FROM sessions WHERE id = ? AND private = 1", args: [session] });
  return rows.length > 0;
}
