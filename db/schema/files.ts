/** Files: what people uploaded, and each content that agents gave a file of their workspace. The bytes lie in the storage. */
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { time } from "./columns.ts";
import { companies } from "./companies.ts";

export const FILE_KINDS = ["upload", "version"] as const;
export const FILE_OPS = ["added", "changed", "removed"] as const;

export const files = sqliteTable(
  "files",
  {
    id: text("id").primaryKey(),
    company: text("company")
      .notNull()
      .references(() => companies.id, { onDelete: "cascade" }),
    kind: text("kind", { enum: FILE_KINDS }).notNull(),
    /** of the content, hex: the blob's name in the storage; null for a version that says that the file was removed */
    sha256: text("sha256"),
    /** as it is shown; never a path on a disk */
    name: text("name").notNull(),
    /** by the content, whatever the sender said */
    mime: text("mime").notNull(),
    bytes: integer("bytes").notNull(),
    createdById: text("created_by_id").notNull(),
    createdByName: text("created_by_name").notNull(),
    createdByKind: text("created_by_kind", { enum: ["person", "agent", "system"] }).notNull(),
    createdAt: time("created_at").notNull(),
    /** the conversation it was put into */
    session: text("session"),
    agent: text("agent"),
    run: text("run"),
    call: text("call"),
    /** of a version: in the agent's workspace */
    path: text("path"),
    op: text("op", { enum: FILE_OPS }),
    /** lines */
    added: integer("added"),
    removed: integer("removed"),
    deletedAt: time("deleted_at"),
  },
  (table) => [
    index("files_company").on(table.company, table.createdAt),
    index("files_blob").on(table.company, table.sha256),
    index("files_version").on(table.agent, table.path, table.createdAt),
    index("files_run").on(table.run),
    index("files_session").on(table.session),
  ],
);
