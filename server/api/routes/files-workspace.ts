/** What agents made: their workspaces, and what a run changed. */
import { createRoute, z } from "@hono/zod-openapi";
import { laneOf } from "../../../party/protocol/lanes.ts";
import { canSeeSession } from "../../files/access.ts";
import { changeShape, changesOfRun } from "../../files/changes.ts";
import { TooLong } from "../../files/spool.ts";
import { browse, OPENED_BYTES, openInWorkspace, treeShape, type WorkspaceDeps } from "../../files/workspace.ts";
import { type AppContext, identityOf, membershipOf } from "../context.ts";
import { ApiError, notFound } from "../errors.ts";
import { id } from "../fields.ts";
import { findRun } from "../live/runs/find.ts";
import { policy } from "../route.ts";
import { answer, companyParams, jsonBody, newRouter } from "../router.ts";

const MIB = 1024 * 1024;
const COMPANY = "/api/companies/{companyId}";
const see = policy({ auth: "person", scope: "company", minRole: "viewer", mutates: false });
/** An agent's id, or that of its room for a private conversation. */
const ofAgent = companyParams.extend({ agentId: z.string().min(1).max(128) });
/** From the top of a workspace. */
const path = z.string().max(4_096);

const workspace = createRoute({
  method: "get",
  path: `${COMPANY}/agents/{agentId}/workspace`,
  summary: "A folder of an agent's workspace",
  middleware: see,
  request: { params: ofAgent, query: z.object({ path: path.default("") }) },
  responses: { 200: answer(treeShape, "Its entries, folders first") },
});

const open = createRoute({
  method: "post",
  path: `${COMPANY}/agents/{agentId}/workspace/open`,
  summary: "A file of an agent's workspace as it is now, kept as a version",
  // Looking is for everybody; that a version is kept of it changes nothing for anybody.
  middleware: policy({ auth: "person", scope: "company", minRole: "viewer", mutates: true }),
  request: { params: ofAgent, body: jsonBody(z.object({ path: path.min(1) })) },
  responses: { 200: answer(z.object({ file: id }), "The file to show") },
});

const changes = createRoute({
  method: "get",
  path: `${COMPANY}/runs/{runId}/changes`,
  summary: "The files a run changed, line by line",
  middleware: see,
  request: { params: companyParams.extend({ runId: id }), query: z.object({ path: path.optional() }) },
  responses: { 200: answer(z.object({ items: z.array(changeShape) }), "By path") },
});

/**
 * Whose workspace it is: an agent's, or the one it has for a private conversation.
 * @throws 404 for agents of other companies, and for conversations the caller may not see
 */
async function requireAgent(c: AppContext, agent: string): Promise<{ company: string; agent: string }> {
  const { read } = c.get("services");
  const { company } = membershipOf(c);
  const lane = laneOf(agent);
  const sql = "SELECT 1 FROM agents WHERE id = ? AND company = ?";
  const { rows } = await read.execute({ sql, args: [lane?.owner ?? agent, company] });
  const seen = lane === undefined || (await canSeeSession(read, company, identityOf(c).user.id, lane.session));
  if (rows.length === 0 || !seen) throw notFound();
  return { company, agent };
}

/** @throws 404 for runs of other companies, and of conversations the caller may not see */
async function requireRun(c: AppContext, run: string): Promise<void> {
  const { read, rooms } = c.get("services");
  const { company } = membershipOf(c);
  const found = await findRun(read, rooms, { company, user: identityOf(c).user.id }, run);
  if (!found) throw notFound();
  const { rows } = await read.execute({ sql: "SELECT session FROM runs WHERE id = ?", args: [run] });
  const session = rows[0]?.session;
  if (typeof session === "string" && !(await canSeeSession(read, company, identityOf(c).user.id, session))) throw notFound();
}

function depsOf(c: AppContext): WorkspaceDeps {
  const { read, write, files, settings } = c.get("services");
  return { read, write, files, dataFolder: settings.dataFolder };
}

export function workspaceFileRoutes() {
  return newRouter()
    .openapi(workspace, async (c) => {
      const tree = await browse(depsOf(c), await requireAgent(c, c.req.valid("param").agentId), c.req.valid("query").path);
      if (!tree) throw notFound();
      return c.json(tree, 200);
    })
    .openapi(open, async (c) => {
      const { user } = identityOf(c);
      const place = await requireAgent(c, c.req.valid("param").agentId);
      try {
        const file = await openInWorkspace(depsOf(c), place, c.req.valid("json").path, { id: user.id, name: user.name });
        if (file === undefined) throw notFound();
        return c.json({ file }, 200);
      } catch (error) {
        if (!(error instanceof TooLong)) throw error;
        throw new ApiError(413, "too_large", `Files up to ${OPENED_BYTES / MIB} MiB can be opened from a workspace.`);
      }
    })
    .openapi(changes, async (c) => {
      const { runId } = c.req.valid("param");
      await requireRun(c, runId);
      const items = await changesOfRun(c.get("services"), membershipOf(c).company, runId, c.req.valid("query").path);
      return c.json({ items }, 200);
    });
}
