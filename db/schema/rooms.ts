/** The archive of the rooms: every durable event, and whole texts behind references. */
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { PARTIES } from "../../party/protocol/tickets.ts";
import { time } from "./columns.ts";
import { companies } from "./companies.ts";

export const roomEvents = sqliteTable(
  "room_events",
  {
    party: text("room_party", { enum: PARTIES }).notNull(),
    room: text("room").notNull(),
    epoch: text("epoch").notNull(),
    seq: integer("seq").notNull(),
    company: text("company")
      .notNull()
      .references(() => companies.id, { onDelete: "cascade" }),
    run: text("run"),
    type: text("type").notNull(),
    at: time("at").notNull(),
    /** the event as viewers got it */
    json: text("json").notNull(),
  },
  (table) => [
    uniqueIndex("room_events_place").on(table.party, table.room, table.epoch, table.seq),
    index("room_events_run").on(table.run, table.seq),
    index("room_events_company").on(table.company),
  ],
);

export const refs = sqliteTable(
  "refs",
  {
    ref: text("ref").primaryKey(),
    party: text("room_party", { enum: PARTIES }).notNull(),
    room: text("room").notNull(),
    company: text("company")
      .notNull()
      .references(() => companies.id, { onDelete: "cascade" }),
    text: text("text").notNull(),
  },
  (table) => [index("refs_company").on(table.company)],
);
