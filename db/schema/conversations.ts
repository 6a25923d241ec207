/** Conversations: their configuration (a record) and their messages (a projection of the session room's archive). */
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { agents } from "./agents.ts";
import { flag, time } from "./columns.ts";
import { companies } from "./companies.ts";

export const sessions = sqliteTable(
  "sessions",
  {
    id: text("id").primaryKey(),
    company: text("company")
      .notNull()
      .references(() => companies.id, { onDelete: "cascade" }),
    /** the agent that answers */
    agent: text("agent")
      .notNull()
      .references(() => agents.id, { onDelete: "cascade" }),
    title: text("title").notNull(),
    version: integer("version").notNull().default(1),
    createdBy: text("created_by").notNull(),
    createdAt: time("created_at").notNull(),
    updatedAt: time("updated_at").notNull(),
    /** of the newest message, for the order of the list */
    lastMessageAt: time("last_message_at"),
    archivedAt: time("archived_at"),
  },
  (table) => [index("sessions_company").on(table.company, table.createdAt)],
);

export const messages = sqliteTable(
  "messages",
  {
    id: text("id").primaryKey(),
    session: text("session")
      .notNull()
      .references(() => sessions.id, { onDelete: "cascade" }),
    company: text("company").notNull(),
    /** of its `message.posted` in the session room */
    seq: integer("seq").notNull(),
    byId: text("by_id").notNull(),
    byName: text("by_name").notNull(),
    byKind: text("by_kind", { enum: ["person", "agent", "system"] }).notNull(),
    /** JSON of a LongText */
    text: text("text").notNull(),
    at: time("at").notNull(),
    replyTo: text("reply_to"),
    run: text("run"),
    edited: flag("edited").notNull().default(false),
    deleted: flag("deleted").notNull().default(false),
  },
  (table) => [index("messages_session").on(table.session, table.seq)],
);
