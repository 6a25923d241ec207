/** What keeps the instance running: messages to rooms, answered requests, facts about the instance itself. */
import { sql } from "drizzle-orm";
import { check, index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { PARTIES } from "../../party/protocol/tickets.ts";
import { time } from "./columns.ts";

/** Records a room must hear of. `(generation, id)` is the high-water mark the room keeps. */
export const outbox = sqliteTable(
  "outbox",
  {
    id: integer("id").primaryKey({ autoIncrement: true }),
    generation: integer("generation").notNull(),
    party: text("party", { enum: PARTIES }).notNull(),
    room: text("room").notNull(),
    /** JSON of a RecordChange */
    payload: text("payload").notNull(),
    attempts: integer("attempts").notNull().default(0),
    createdAt: time("created_at").notNull(),
  },
  (table) => [index("outbox_room").on(table.party, table.room, table.id)],
);

/** Outbox rows a room refused for good. */
export const outboxDead = sqliteTable("outbox_dead", {
  id: integer("id").primaryKey(),
  generation: integer("generation").notNull(),
  party: text("party", { enum: PARTIES }).notNull(),
  room: text("room").notNull(),
  payload: text("payload").notNull(),
  attempts: integer("attempts").notNull(),
  createdAt: time("created_at").notNull(),
  diedAt: time("died_at").notNull(),
  code: text("code").notNull(),
  message: text("message").notNull(),
});

/** First answers of requests with an `Idempotency-Key`, kept for 24 h. */
export const idempotency = sqliteTable(
  "idempotency",
  {
    key: text("key").notNull(),
    /** user id, method and path */
    scope: text("scope").notNull(),
    /** SHA-256 of the body, hex */
    digest: text("digest").notNull(),
    /** null while the first request is under way */
    status: integer("status"),
    response: text("response"),
    at: time("at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.scope, table.key] }), index("idempotency_at").on(table.at)],
);

/**
 * One row whose `holds` may never be false: a unit of the write queue sets it to its condition, and the check aborts the
 * transaction when that is not met. Changing one row of a plain table opens no savepoint: at a savepoint the full-text index
 * writes what it holds back, and `changes()` would count that.
 */
export const writeGuard = sqliteTable(
  "write_guard",
  { id: integer("id").primaryKey(), holds: integer("holds").notNull() },
  (table) => [check("write_guard_one", sql`${table.id} = 1`), check("write_guard_holds", sql`${table.holds}`)],
);

/** Facts about the instance: its generation, the hash of the first-owner token. */
export const instance = sqliteTable("instance", { key: text("key").primaryKey(), value: text("value").notNull() });
