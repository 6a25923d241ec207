/** The configuration of agents. Whether one is paused or works is a live fact of its room. */
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { ToolPolicyConfig } from "../../party/protocol/agent.ts";
import { time } from "./columns.ts";
import { companies } from "./companies.ts";

export const agents = sqliteTable(
  "agents",
  {
    id: text("id").primaryKey(),
    company: text("company")
      .notNull()
      .references(() => companies.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    title: text("title").notNull(),
    runtime: text("runtime").notNull(),
    model: text("model").notNull(),
    instructions: text("instructions").notNull(),
    tools: text("tools", { mode: "json" }).$type<ToolPolicyConfig>().notNull(),
    maxConcurrentRuns: integer("max_concurrent_runs").notNull().default(1),
    version: integer("version").notNull().default(1),
    createdBy: text("created_by").notNull(),
    createdAt: time("created_at").notNull(),
    updatedBy: text("updated_by").notNull(),
    updatedAt: time("updated_at").notNull(),
    retiredAt: time("retired_at"),
  },
  (table) => [index("agents_company").on(table.company, table.createdAt)],
);
