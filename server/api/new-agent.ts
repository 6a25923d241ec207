/** Making agents: the row of a new one, and the first one of each company. */
import type { Statement } from "../../db/write-queue.ts";
import { newId } from "../../party/protocol/ids.ts";
import { REHEARSAL } from "../../party/protocol/model-choice.ts";
import type { AgentRow } from "./records.ts";

/** The runtime of ours. */
export const NATIVE_RUNTIME = "native";

const GUIDE = `You are Guide, the first agent of this company. You show people how working together here goes.

Until this company has a provider of models, its agents rehearse: they follow a script instead of thinking, for free.

Work in your own folder. Ask before you run a command.`;

/** The agent every company begins with. */
export function guideFor(company: string, by: string, now: string): AgentRow {
  return {
    id: newId("ag", Date.parse(now)),
    company,
    name: "Guide",
    title: "Shows how it works",
    runtime: NATIVE_RUNTIME,
    model: REHEARSAL,
    instructions: GUIDE,
    tools: { profile: "coding" },
    maxConcurrentRuns: 1,
    version: 1,
    createdBy: by,
    createdAt: now,
    updatedBy: by,
    updatedAt: now,
    retiredAt: null,
  };
}

export function insertAgent(row: AgentRow): Statement {
  return {
    sql: `INSERT INTO agents (id, company, name, title, runtime, model, instructions, tools, max_concurrent_runs, version,
        created_by, created_at, updated_by, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    args: [
      row.id,
      row.company,
      row.name,
      row.title,
      row.runtime,
      row.model,
      row.instructions,
      JSON.stringify(row.tools),
      row.maxConcurrentRuns,
      row.version,
      row.createdBy,
      row.createdAt,
      row.updatedBy,
      row.updatedAt,
    ],
  };
}
