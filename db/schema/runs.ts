/** What can be searched and listed of runs and approvals: projections of archived room events, never the truth of a live one. */
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { RISKS } from "../../party/protocol/common.ts";
import { APPROVAL_STATES } from "../../party/protocol/company.ts";
import { OUTCOMES, RUN_STATES } from "../../party/protocol/run-events.ts";
import { time } from "./columns.ts";
import { companies } from "./companies.ts";

export const runs = sqliteTable(
  "runs",
  {
    id: text("id").primaryKey(),
    company: text("company")
      .notNull()
      .references(() => companies.id, { onDelete: "cascade" }),
    agent: text("agent").notNull(),
    /** the conversation it answers in, when it has one */
    session: text("session"),
    /** the private conversation it belongs to: it lives in a room of its own, for that conversation's people */
    lane: text("lane"),
    state: text("state", { enum: RUN_STATES }).notNull(),
    outcome: text("outcome", { enum: OUTCOMES }),
    queuedAt: time("queued_at").notNull(),
    /** the last event of the agent's room folded into this row */
    lastSeq: integer("last_seq").notNull(),
    /** JSON of the RunView as the room shows it */
    json: text("json").notNull(),
  },
  (table) => [
    index("runs_company").on(table.company, table.queuedAt),
    index("runs_agent").on(table.agent, table.queuedAt),
    index("runs_session").on(table.session),
  ],
);

/** The newest lease the api has seen of each run: a run token of a lower fence is refused. */
export const runLeases = sqliteTable("run_leases", {
  run: text("run").primaryKey(),
  agent: text("agent").notNull(),
  /** the private conversation whose room of the agent holds the run */
  lane: text("lane"),
  company: text("company")
    .notNull()
    .references(() => companies.id, { onDelete: "cascade" }),
  runner: text("runner").notNull(),
  generation: integer("generation").notNull(),
  fence: integer("fence").notNull(),
  at: time("at").notNull(),
});

export const approvals = sqliteTable(
  "approvals",
  {
    id: text("id").primaryKey(),
    company: text("company")
      .notNull()
      .references(() => companies.id, { onDelete: "cascade" }),
    agent: text("agent").notNull(),
    /** the private conversation its run belongs to */
    lane: text("lane"),
    run: text("run").notNull(),
    tool: text("tool").notNull(),
    risk: text("risk", { enum: RISKS }).notNull(),
    state: text("state", { enum: APPROVAL_STATES }).notNull(),
    version: integer("version").notNull(),
    digest: text("digest").notNull(),
    createdAt: time("created_at").notNull(),
    expiresAt: time("expires_at").notNull(),
    decidedAt: time("decided_at"),
    /** the last event of the company room folded into this row */
    seq: integer("seq").notNull(),
    /** JSON of the Approval as the room shows it */
    json: text("json").notNull(),
  },
  (table) => [
    index("approvals_company").on(table.company, table.state, table.createdAt),
    index("approvals_agent").on(table.company, table.agent, table.tool, table.createdAt),
    index("approvals_run").on(table.run),
  ],
);
