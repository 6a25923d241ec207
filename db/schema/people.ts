/** People, how they prove who they are, and what failed. Tokens are stored as SHA-256 only. */
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { flag, time } from "./columns.ts";

export const users = sqliteTable("users", {
  id: text("id").primaryKey(),
  /** trimmed and in lower case */
  email: text("email").notNull().unique(),
  name: text("name").notNull(),
  timezone: text("timezone").notNull(),
  /** see server/auth/passwords.ts; `none` for people who sign in without one */
  passwordHash: text("password_hash").notNull(),
  /** may do everything with the installation: people, companies, logs */
  instanceOwner: flag("instance_owner").notNull().default(false),
  createdAt: time("created_at").notNull(),
  /** since when nobody gets in with this account */
  disabledAt: time("disabled_at"),
  /** when a link that was mailed to `email` was last used */
  emailVerifiedAt: time("email_verified_at"),
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
    /** written a few times an hour at most */
    lastSeenAt: time("last_seen_at"),
    /** the network it was last seen from, never the whole address: server/auth/network.ts */
    network: text("network"),
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

/** Keys that a device keeps and proves itself with (WebAuthn). */
export const passkeys = sqliteTable(
  "passkeys",
  {
    id: text("id").primaryKey(),
    user: text("user")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    /** the authenticator's own id of it, base64url */
    credentialId: text("credential_id").notNull().unique(),
    /** COSE, base64url */
    publicKey: text("public_key").notNull(),
    /** grows with each use where the authenticator counts; a step back means a copy */
    counter: integer("counter").notNull(),
    /** how a browser reaches it, a JSON list */
    transports: text("transports").notNull(),
    /** kept by a service that syncs it to other devices */
    synced: flag("synced").notNull(),
    createdAt: time("created_at").notNull(),
    lastUsedAt: time("last_used_at"),
  },
  (table) => [index("passkeys_user").on(table.user)],
);

/** Accounts at OpenID providers that open an account here. */
export const linkedSignIns = sqliteTable(
  "linked_sign_ins",
  {
    id: text("id").primaryKey(),
    user: text("user")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    provider: text("provider").notNull(),
    /** who vouches, exactly as the provider names itself */
    issuer: text("issuer").notNull(),
    /** the provider's id of the person; addresses change and are given away, this is not */
    subject: text("subject").notNull(),
    /** as the provider named it, to show */
    email: text("email").notNull(),
    createdAt: time("created_at").notNull(),
    lastUsedAt: time("last_used_at"),
  },
  (table) => [
    uniqueIndex("linked_sign_ins_subject").on(table.issuer, table.subject),
    index("linked_sign_ins_user").on(table.user),
  ],
);

/** Links that change an account once: a new password, a new address. */
export const accountLinks = sqliteTable(
  "account_links",
  {
    /** SHA-256 of the token in the link, hex */
    tokenHash: text("token_hash").primaryKey(),
    kind: text("kind", { enum: ["reset", "email"] }).notNull(),
    user: text("user")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** the address it was mailed to; null when a person handed it over */
    mailedTo: text("mailed_to"),
    createdAt: time("created_at").notNull(),
    expiresAt: time("expires_at").notNull(),
  },
  (table) => [index("account_links_user").on(table.user), index("account_links_expiry").on(table.expiresAt)],
);
