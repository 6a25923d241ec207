/** Mails that wait to be sent. A row is gone once a mail server took it. */
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { time } from "./columns.ts";

export const mailOutbox = sqliteTable(
  "mail_outbox",
  {
    id: text("id").primaryKey(),
    /** what it is about: `reset`, `invite`, ... */
    kind: text("kind").notNull(),
    recipient: text("recipient").notNull(),
    /** subject and text, sealed by the vault: they hold links that open accounts. Null when it was given up */
    sealed: text("sealed"),
    attempts: integer("attempts").notNull().default(0),
    /** not before */
    nextAt: time("next_at").notNull(),
    /** of no use after this */
    until: time("until"),
    /** set when it was given up; the row stays for a while so that people can see it */
    deadAt: time("dead_at"),
    lastError: text("last_error"),
    createdAt: time("created_at").notNull(),
  },
  (table) => [index("mail_outbox_due").on(table.deadAt, table.nextAt)],
);
