/** A conversation that nobody gave a title takes it from its first message, once. */
import { z } from "zod";
import { WriteRefused } from "../../../../db/errors.ts";
import { orRefuse } from "../../../../db/write-queue.ts";
import { attachments, inlineText, longText } from "../../../../party/protocol/common.ts";
import { titleFrom } from "../../../../party/protocol/titles.ts";
import type { Services } from "../../services.ts";
import { findSession, tellSession } from "./records.ts";

/** characters */
const TITLE_CHARS = 60;

const named = z.array(attachments.element);

/** Gives the title when one is missing and the first message of a person is in the archive. */
export async function nameUntitled({ read, write }: Pick<Services, "read" | "write">, session: string): Promise<void> {
  const { rows } = await read.execute({
    sql: `SELECT s.company, s.created_by, m.text, m.attachments FROM sessions s JOIN messages m ON m.session = s.id
      WHERE s.id = ? AND s.titled = 0 AND m.by_kind = 'person' AND m.deleted = 0 ORDER BY m.seq LIMIT 1`,
    args: [session],
  });
  const row = rows[0];
  if (!row) return;
  const files = row.attachments === null ? [] : named.parse(JSON.parse(String(row.attachments)));
  const words = inlineText(longText.parse(JSON.parse(String(row.text))));
  const title = titleFrom(words, TITLE_CHARS) || titleFrom(files.map(({ name }) => name).join(", "), TITLE_CHARS);
  if (title === "") return;
  const company = String(row.company);
  const found = await findSession(read, { company, user: String(row.created_by) }, session);
  if (!found) return;
  const written = write((context) => [
    {
      sql: "UPDATE sessions SET title = ?, titled = 1 WHERE id = ? AND titled = 0 AND version = ?",
      args: [title, session, found.version],
    },
    orRefuse("titled"),
    tellSession(context, company, { ...found, title }),
  ]);
  await written.catch((error: unknown) => {
    // A person was quicker, or is changing something else: the next message tries again.
    if (!(error instanceof WriteRefused) || error.code !== "titled") throw error;
  });
}
