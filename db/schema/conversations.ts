/** Conversations: their configuration (a record) and their messages (a projection of the session room's archive). */
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { agents } from "./agents.ts";
import { flag, time } from "./columns.ts";
import { companies } from "./companies.ts";
import { users } from "./people.ts";

export const sessions = sqliteTable(
  "sessions",
  {
    id: text("id").primaryKey(),
    company: text("company")
      .notNull()
      .references(() => companies.id, { onDelete: "cascade" }),
    /** the agent that answers what is addressed to nobody else */
    agent: text("agent")
      .notNull()
      .references(() => agents.id, { onDelete: "cascade" }),
    title: text("title").notNull(),
    /** a person gave the title, or the first message did: no message gives one any more */
    titled: flag("titled").notNull().default(true),
    /** only for the people in `session_people`, from its beginning or never */
    private: flag("private").notNull().default(false),
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

/** All agents that may answer, the default one among them. A conversation without rows has its default one alone. */
export const sessionAgents = sqliteTable(
  "session_agents",
  {
    session: text("session")
      .notNull()
      .references(() => sessions.id, { onDelete: "cascade" }),
    agent: text("agent")
      .notNull()
      .references(() => agents.id, { onDelete: "cascade" }),
    /** order of the list */
    place: integer("place").notNull(),
  },
  (table) => [primaryKey({ columns: [table.session, table.agent] }), index("session_agents_agent").on(table.agent)],
);

/** Who may see a private conversation. */
export const sessionPeople = sqliteTable(
  "session_people",
  {
    session: text("session")
      .notNull()
      .references(() => sessions.id, { onDelete: "cascade" }),
    user: text("user")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
  },
  (table) => [primaryKey({ columns: [table.session, table.user] }), index("session_people_user").on(table.user)],
);

/** How far each person has read each conversation. */
export const sessionReads = sqliteTable(
  "session_reads",
  {
    session: text("session")
      .notNull()
      .references(() => sessions.id, { onDelete: "cascade" }),
    user: text("user")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** of the newest message read, in the session's room; never goes back */
    seq: integer("seq").notNull(),
    at: time("at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.session, table.user] }), index("session_reads_user").on(table.user)],
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
    /** JSON of the attachments; null without any */
    attachments: text("attachments"),
    /** JSON of the ids of the agents asked to answer; null where nobody was */
    mentions: text("mentions"),
    replyTo: text("reply_to"),
    run: text("run"),
    /** the message that the run which wrote this one was to answer */
    answers: text("answers"),
    edited: flag("edited").notNull().default(false),
    editedAt: time("edited_at"),
    deleted: flag("deleted").notNull().default(false),
  },
  (table) => [index("messages_session").on(table.session, table.seq)],
);
