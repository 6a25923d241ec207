/** People, how they prove who they are, and what failed. Tokens are stored as SHA-256 only. */
import { index, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { flag, time } from "./columns.ts";

export const users = sqliteTable("users", {
  id: text("id").primaryKey(),
  /** trimmed and in lower case */
  email: text("email").notNull().unique(),
  name: text("name").notNull(),
  timezone: text("timezone").notNull(),
  /** see server/auth/passwords.ts */
  passwordHash: text("password_hash").notNull(),
  /** the person who set the instance up */
  instanceOwner: flag("instance_owner").notNull().default(false),
  createdAt: time("created_at").notNull(),
});

export const authSessions = sqliteTable(
  "auth_sessions",
  {
    /** SHA-256 of the cookie's value, hex */
    idHash: text("id_hash").primaryKey(),
    user: text("user")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** the browser's name as it gave it, cut */
    device: text("device").notNull(),
    createdAt: time("created_at").notNull(),
    expiresAt: time("expires_at").notNull(),
  },
  (table) => [index("auth_sessions_user").on(table.user), index("auth_sessions_expiry").on(table.expiresAt)],
);

export const apiKeys = sqliteTable(
  "api_keys",
  {
    id: text("id").primaryKey(),
    user: text("user")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    /** the part that is shown and looked up */
    prefix: text("prefix").notNull().unique(),
    /** SHA-256 of the whole key, hex */
    hash: text("hash").notNull(),
    createdAt: time("created_at").notNull(),
    lastUsedAt: time("last_used_at"),
  },
  (table) => [index("api_keys_user").on(table.user)],
);

export const signInFailures = sqliteTable(
  "sign_in_failures",
  {
    /** of the attempt and the key */
    id: text("id").primaryKey(),
    /** `account:<sha256 of the e-mail>` or `address:<address or /64>` */
    key: text("key").notNull(),
    at: time("at").notNull(),
  },
  (table) => [index("sign_in_failures_key").on(table.key), index("sign_in_failures_at").on(table.at)],
);
