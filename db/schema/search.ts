/**
 * What the full-text search knows. `search_index`, an FTS5 table over `scope` and `body` that triggers keep in step, stands in
 * the migration: drizzle has no words for virtual tables.
 */
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { time } from "./columns.ts";
import { companies } from "./companies.ts";

export const SEARCH_KINDS = ["run", "step", "message", "file"] as const;

export const searchDocs = sqliteTable(
  "search_docs",
  {
    /** the index counts by it, and a newer document has a higher one */
    id: integer("id").primaryKey({ autoIncrement: true }),
    /** what it is a document of, once: `message:msg_…`, `step:<epoch>:<seq>:ag_…` */
    key: text("key").notNull().unique(),
    company: text("company")
      .notNull()
      .references(() => companies.id, { onDelete: "cascade" }),
    kind: text("kind", { enum: SEARCH_KINDS }).notNull(),
    /** id of the run, message or file */
    ref: text("ref").notNull(),
    agent: text("agent"),
    /** the conversation it belongs to: who may see it is decided by that */
    session: text("session"),
    run: text("run"),
    /** of the step in its run's room */
    seq: integer("seq"),
    byName: text("by_name").notNull(),
    at: time("at").notNull(),
    /** company, kind and agent as words, so that the index itself filters by them */
    scope: text("scope").notNull(),
    body: text("body").notNull(),
  },
  (table) => [index("search_docs_company").on(table.company), index("search_docs_ref").on(table.ref)],
);
