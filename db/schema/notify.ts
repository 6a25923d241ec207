/** What people are told of beside the screens: notifications, the devices they reach, and each person's rules. */
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { time } from "./columns.ts";
import { companies } from "./companies.ts";
import { authSessions, users } from "./people.ts";

export const NOTE_KINDS = ["approval", "question", "reminder", "mention", "failure"] as const;

export const notifications = sqliteTable(
  "notifications",
  {
    id: text("id").primaryKey(),
    user: text("user")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    company: text("company")
      .notNull()
      .references(() => companies.id, { onDelete: "cascade" }),
    /** once per person: `approval:ap_…`, `reminder:ap_…:2`, `mention:msg_…` */
    key: text("key").notNull(),
    kind: text("kind", { enum: NOTE_KINDS }).notNull(),
    /** id of the approval, question, message or run */
    subject: text("subject").notNull(),
    /** the conversation of a mention */
    session: text("session"),
    title: text("title").notNull(),
    body: text("body").notNull(),
    /** path of the app that shows it */
    path: text("path").notNull(),
    at: time("at").notNull(),
    /** when it is to be pushed, mailed; null when that was done, is not wanted, or came to nothing */
    pushAt: time("push_at"),
    mailAt: time("mail_at"),
    /** pushes that failed in a row */
    attempts: integer("attempts").notNull().default(0),
    readAt: time("read_at"),
    /** there is nothing left to do about it */
    settledAt: time("settled_at"),
  },
  (table) => [
    uniqueIndex("notifications_key").on(table.user, table.key),
    index("notifications_user").on(table.user, table.company, table.at),
    index("notifications_subject").on(table.subject),
    index("notifications_push").on(table.pushAt),
    index("notifications_mail").on(table.mailAt),
  ],
);

/** A browser that a person let Atrium push to. */
export const pushSubscriptions = sqliteTable(
  "push_subscriptions",
  {
    id: text("id").primaryKey(),
    user: text("user")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** SHA-256 of the endpoint, hex: who knows an endpoint can send to it, so it is kept sealed */
    endpointHash: text("endpoint_hash").notNull().unique(),
    /** JSON of endpoint and keys, sealed */
    sealed: text("sealed").notNull(),
    device: text("device").notNull(),
    /** the sign-in it was allowed under: a browser that is signed out is pushed to no more */
    authSession: text("auth_session").references(() => authSessions.idHash, { onDelete: "cascade" }),
    createdAt: time("created_at").notNull(),
    lastOkAt: time("last_ok_at"),
  },
  (table) => [index("push_subscriptions_user").on(table.user)],
);

/** JSON of NotifyRules; a person without a row has the usual ones. */
export const notifyRules = sqliteTable("notify_rules", {
  user: text("user")
    .primaryKey()
    .references(() => users.id, { onDelete: "cascade" }),
  json: text("json").notNull(),
  updatedAt: time("updated_at").notNull(),
});
