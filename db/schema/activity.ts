/** The audit: one hash chain a company, and one, `instance`, for what belongs to none. */
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { time } from "./columns.ts";

export const activity = sqliteTable(
  "activity",
  {
    /** company id, or `instance` */
    chain: text("chain").notNull(),
    /** 1, 2, 3 … without a gap */
    n: integer("n").notNull(),
    prevHash: text("prev_hash").notNull(),
    hash: text("hash").notNull(),
    at: time("at").notNull(),
    actorId: text("actor_id").notNull(),
    actorName: text("actor_name").notNull(),
    actorKind: text("actor_kind", { enum: ["person", "agent", "system"] }).notNull(),
    /** `company.created`, `member.role_changed` … */
    action: text("action").notNull(),
    subjectKind: text("subject_kind").notNull(),
    subjectId: text("subject_id").notNull(),
    /** canonical JSON of what changed; never a secret */
    data: text("data").notNull(),
  },
  (table) => [primaryKey({ columns: [table.chain, table.n] })],
);
