/** Agents: their configuration. What they do right now is told by their rooms. */
import { createRoute, z } from "@hono/zod-openapi";
import { and, asc, eq, gt, isNull } from "drizzle-orm";
import { WriteRefused } from "../../../db/errors.ts";
import { agents, users } from "../../../db/schema/index.ts";
import { orRefuse } from "../../../db/write-queue.ts";
import { TOOL_PROFILES } from "../../../party/protocol/agent.ts";
import { RISKS } from "../../../party/protocol/common.ts";
import { newId } from "../../../party/protocol/ids.ts";
import { MODEL_CHOICE_CHARS } from "../../../party/protocol/model-choice.ts";
import { defaultModelOf, requireChoice } from "../../providers/choice.ts";
import { type AppContext, actorRefOf, identityOf, membershipOf } from "../context.ts";
import { conflict, notFound } from "../errors.ts";
import { cutPage, id, line, pageOf, pageQuery, time, version } from "../fields.ts";
import { insertAgent, NATIVE_RUNTIME } from "../new-agent.ts";
import { type AgentRow, stillAllowed, tellActivity, tellAgent } from "../records.ts";
import { policy } from "../route.ts";
import { answer, companyParams, jsonBody, newRouter } from "../router.ts";

/** characters; as in the wire's AgentConfig */
const INSTRUCTIONS_CHARS = 48_000;
const MAX_CONCURRENT_RUNS = 10;
const TOOL_OR_RISK = new RegExp(`^(${RISKS.join("|")}|[a-z][a-z0-9_.-]{0,98})$`);

const tools = z
  .object({
    profile: z.enum(TOOL_PROFILES),
    rules: z.record(z.string().regex(TOOL_OR_RISK, "names no tool and no risk"), z.enum(["auto", "ask", "deny"])).optional(),
  })
  .openapi("ToolPolicy");

const agent = z
  .object({
    id,
    company: id,
    name: z.string(),
    title: z.string(),
    runtime: z.string(),
    model: z.string(),
    instructions: z.string(),
    tools,
    maxConcurrentRuns: z.number().int(),
    version,
    createdAt: time,
    updatedAt: time,
    retired: z.boolean(),
    retiredAt: time.nullable(),
  })
  .openapi("Agent");

const title = z.string().trim().max(120);
const editable = {
  name: line(80),
  title: title,
  runtime: z.enum([NATIVE_RUNTIME]),
  model: line(MODEL_CHOICE_CHARS).openapi({ description: "a tier, `rehearsal`, or `<provider>/<model>`" }),
  instructions: z.string().max(INSTRUCTIONS_CHARS),
  tools,
  maxConcurrentRuns: z.number().int().min(1).max(MAX_CONCURRENT_RUNS),
};

const agentParams = companyParams.extend({ agentId: id });

const list = createRoute({
  method: "get",
  path: "/api/companies/{companyId}/agents",
  summary: "Agents of the company",
  middleware: policy({ auth: "person", scope: "company", minRole: "viewer", mutates: false }),
  request: { params: companyParams, query: pageQuery.extend({ retired: z.enum(["0", "1"]).default("0") }) },
  responses: { 200: answer(pageOf(agent), "Oldest first; retired ones only with retired=1") },
});

const create = createRoute({
  method: "post",
  path: "/api/companies/{companyId}/agents",
  summary: "Add an agent",
  middleware: policy({ auth: "person", scope: "company", minRole: "admin", mutates: true }),
  request: {
    params: companyParams,
    body: jsonBody(
      z.object({
        name: editable.name,
        title: title.default(""),
        runtime: editable.runtime.default(NATIVE_RUNTIME),
        model: editable.model
          .optional()
          .openapi({ description: "without it `balanced`, or `rehearsal` while there is no provider" }),
        instructions: editable.instructions.default(""),
        tools: tools.default({ profile: "coding" }),
        maxConcurrentRuns: editable.maxConcurrentRuns.default(1),
      }),
    ),
  },
  responses: { 201: answer(agent, "The agent") },
});

const get = createRoute({
  method: "get",
  path: "/api/companies/{companyId}/agents/{agentId}",
  summary: "One agent",
  middleware: policy({ auth: "person", scope: "company", minRole: "viewer", mutates: false }),
  request: { params: agentParams },
  responses: { 200: answer(agent, "The agent") },
});

const patch = createRoute({
  method: "patch",
  path: "/api/companies/{companyId}/agents/{agentId}",
  summary: "Change an agent",
  middleware: policy({ auth: "person", scope: "company", minRole: "admin", mutates: true }),
  request: { params: agentParams, body: jsonBody(z.object(editable).partial().extend({ version })) },
  responses: { 200: answer(agent, "The agent, as changed") },
});

const retire = createRoute({
  method: "delete",
  path: "/api/companies/{companyId}/agents/{agentId}",
  summary: "Retire an agent: its runs are cancelled, its history stays",
  middleware: policy({ auth: "person", scope: "company", minRole: "admin", mutates: true, whenFull: "allow" }),
  request: { params: agentParams },
  responses: { 204: { description: "Retired" } },
});

export function agentRoutes() {
  return newRouter()
    .openapi(list, async (c) => {
      const { limit, cursor, retired } = c.req.valid("query");
      const rows = await c
        .get("services")
        .db.select()
        .from(agents)
        .where(
          and(
            eq(agents.company, membershipOf(c).company),
            gt(agents.id, cursor ?? ""),
            retired === "1" ? undefined : isNull(agents.retiredAt),
          ),
        )
        .orderBy(asc(agents.id))
        .limit(limit + 1);
      const page = cutPage(rows, limit, (row) => row.id);
      return c.json({ ...page, items: page.items.map(show) }, 200);
    })
    .openapi(create, async (c) => {
      const { write, clock } = c.get("services");
      const { company } = membershipOf(c);
      const by = actorRefOf(identityOf(c));
      const now = new Date(clock.now()).toISOString();
      const asked = c.req.valid("json");
      if (asked.model !== undefined) await requireChoice(c, asked.model);
      const row: AgentRow = {
        ...asked,
        model: asked.model ?? (await defaultModelOf(c)),
        id: newId("ag", clock.now()),
        company,
        version: 1,
        createdBy: by.id,
        createdAt: now,
        updatedBy: by.id,
        updatedAt: now,
        retiredAt: null,
      };
      await write(
        (context) => [
          stillAllowed(c),
          insertAgent(row),
          context.activity({
            chain: company,
            actor: by,
            action: "agent.created",
            subject: { kind: "agent", id: row.id },
            data: { name: row.name, runtime: row.runtime, model: row.model, tools: row.tools },
          }),
          ...tellAgent(context, row),
          tellActivity(context, company, by, `added the agent ${row.name}`, row.id),
        ],
        { chains: [company] },
      );
      return c.json(show(row), 201);
    })
    .openapi(get, async (c) => c.json(show(await load(c, c.req.valid("param").agentId)), 200))
    .openapi(patch, async (c) => {
      const { version: seen, ...changes } = c.req.valid("json");
      const before = await load(c, c.req.valid("param").agentId);
      // A choice that stays is not asked about again: its provider may be away, and the rest can still be changed.
      if (changes.model !== undefined && changes.model !== before.model) await requireChoice(c, changes.model);
      const now = new Date(c.get("services").clock.now()).toISOString();
      const row: AgentRow = { ...before, ...changes, version: seen + 1, updatedAt: now, updatedBy: identityOf(c).user.id };
      await save(c, row, seen, { action: "agent.changed", data: changes, text: `changed the agent ${row.name}` });
      return c.json(show(row), 200);
    })
    .openapi(retire, async (c) => {
      const before = await load(c, c.req.valid("param").agentId);
      if (before.retiredAt !== null) return c.body(null, 204);
      const now = new Date(c.get("services").clock.now()).toISOString();
      const row = { ...before, version: before.version + 1, updatedAt: now, updatedBy: identityOf(c).user.id, retiredAt: now };
      await save(c, row, before.version, { action: "agent.retired", data: {}, text: `retired the agent ${row.name}` });
      return c.body(null, 204);
    });
}

async function load(c: AppContext, agentId: string): Promise<AgentRow> {
  const [row] = await c
    .get("services")
    .db.select()
    .from(agents)
    .where(and(eq(agents.id, agentId), eq(agents.company, membershipOf(c).company)));
  if (!row) throw notFound();
  return row;
}

type Change = { action: string; data: Record<string, unknown>; text: string };

/** Writes a changed row over the version the caller saw, and tells the rooms. */
async function save(c: AppContext, row: AgentRow, seen: number, { action, data, text }: Change): Promise<void> {
  const by = actorRefOf(identityOf(c));
  const write = c.get("services").write(
    (context) => [
      stillAllowed(c),
      {
        sql: `UPDATE agents SET name = ?, title = ?, runtime = ?, model = ?, instructions = ?, tools = ?, max_concurrent_runs = ?,
            version = ?, updated_by = ?, updated_at = ?, retired_at = ?
          WHERE id = ? AND company = ? AND version = ? AND retired_at IS NULL`,
        args: [
          row.name,
          row.title,
          row.runtime,
          row.model,
          row.instructions,
          JSON.stringify(row.tools),
          row.maxConcurrentRuns,
          row.version,
          row.updatedBy,
          row.updatedAt,
          row.retiredAt,
          row.id,
          row.company,
          seen,
        ],
      },
      orRefuse("stale"),
      context.activity({ chain: row.company, actor: by, action, subject: { kind: "agent", id: row.id }, data }),
      ...tellAgent(context, row),
      tellActivity(context, row.company, by, text, row.id),
    ],
    { chains: [row.company] },
  );
  await write.catch(async (error: unknown) => {
    throw error instanceof WriteRefused && error.code === "stale" ? await explainStale(c, row.id) : error;
  });
}

async function explainStale(c: AppContext, agentId: string) {
  const current = await load(c, agentId);
  if (current.retiredAt !== null) return conflict("retired", "This agent is retired. Add a new one instead.");
  const [editor] = await c
    .get("services")
    .db.select({ id: users.id, name: users.name })
    .from(users)
    .where(eq(users.id, current.updatedBy));
  return conflict("stale", `${editor?.name ?? "Someone"} changed this agent meanwhile. Load it again.`, {
    version: current.version,
    by: editor ?? null,
    at: current.updatedAt,
  });
}

function show({ createdBy: _createdBy, updatedBy: _updatedBy, ...row }: AgentRow) {
  return { ...row, retired: row.retiredAt !== null };
}
