/** Machines of their own that carry out runs: what lets one in, and the key it was given. */
import { index, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { time } from "./columns.ts";

/** A runner on another machine. The ones this instance starts itself need no row: they share its secret. */
export const remoteRunners = sqliteTable("remote_runners", {
  id: text("id").primaryKey(),
  /** of the machine, as it names itself */
  name: text("name").notNull(),
  /** SHA-256 of its key, hex */
  keyHash: text("key_hash").notNull().unique(),
  createdBy: text("created_by").notNull(),
  createdAt: time("created_at").notNull(),
  /** within a minute */
  lastSeenAt: time("last_seen_at"),
  revokedAt: time("revoked_at"),
});

/** A token that lets one machine in, once. */
export const runnerEnrolments = sqliteTable(
  "runner_enrolments",
  {
    /** SHA-256 of the token, hex */
    tokenHash: text("token_hash").primaryKey(),
    createdBy: text("created_by").notNull(),
    createdAt: time("created_at").notNull(),
    expiresAt: time("expires_at").notNull(),
  },
  (table) => [index("runner_enrolments_expiry").on(table.expiresAt)],
);
