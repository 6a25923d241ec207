/** One search over everything the person may see: runs, their steps, messages, files. */
import { createRoute, z } from "@hono/zod-openapi";
import type { Client } from "@libsql/client/sqlite3";
import { SEARCH_KINDS } from "../../../db/schema/search.ts";
import { type Found, matchExpression, search } from "../../search/query.ts";
import { identityOf, membershipOf } from "../context.ts";
import { invalid } from "../errors.ts";
import { cutPage, id, pageOf, pageQuery, time } from "../fields.ts";
import { policy } from "../route.ts";
import { answer, companyParams, newRouter } from "../router.ts";

const KINDS = z
  .string()
  .transform((text) => text.split(","))
  .pipe(z.array(z.enum(SEARCH_KINDS)).min(1));

const found = z
  .object({
    kind: z.enum(SEARCH_KINDS),
    ref: id.openapi({ description: "id of the run, message or file" }),
    /** of the run, the conversation or the file it belongs to */
    title: z.string(),
    agent: id.optional(),
    agentName: z.string().optional(),
    session: id.optional(),
    run: id.optional(),
    seq: z.number().int().optional().openapi({ description: "of the step in its run" }),
    byName: z.string(),
    at: time,
    snippet: z.array(z.object({ text: z.string(), hit: z.boolean() })),
  })
  .openapi("Found");

const list = createRoute({
  method: "get",
  path: "/api/companies/{companyId}/search",
  summary: "Search runs, steps, messages and files",
  description: 'Every word must occur; the last may be the beginning of one; "words in quotes" stand together.',
  middleware: policy({ auth: "person", scope: "company", minRole: "viewer", mutates: false }),
  request: {
    params: companyParams,
    query: pageQuery.extend({
      q: z.string().trim().min(1).max(200),
      kinds: KINDS.optional().openapi({ type: "string", description: `of ${SEARCH_KINDS.join(", ")}, separated by commas` }),
      agent: id.optional(),
      from: z.iso.datetime().optional(),
      to: z.iso.datetime().optional(),
    }),
  },
  responses: { 200: answer(pageOf(found), "What was found, newest first") },
});

export function searchRoutes() {
  return newRouter().openapi(list, async (c) => {
    const { read } = c.get("services");
    const { limit, cursor, q, kinds = SEARCH_KINDS, ...filter } = c.req.valid("query");
    const below = cursor === undefined ? undefined : Number(cursor);
    if (below !== undefined && !Number.isSafeInteger(below)) throw invalid("cursor", "This cursor is not one of ours.");
    const match = matchExpression(q);
    if (match === undefined) throw invalid("q", "There is no word in it to look for.");
    const who = { company: membershipOf(c).company, user: identityOf(c).user.id };
    const rows = await search(read, who, match, { kinds, ...filter, below }, limit + 1);
    const page = cutPage(rows, limit, (row) => String(row.id));
    return c.json({ ...page, items: await withTitles(read, page.items) }, 200);
  });
}

/** What people call the things that were found. */
async function withTitles(read: Client, items: readonly Found[]): Promise<z.infer<typeof found>[]> {
  const titles = async (sql: string, ids: readonly (string | undefined)[]): Promise<Map<string, string>> => {
    const { rows } = await read.execute({
      sql: `${sql} IN (SELECT value FROM json_each(?))`,
      args: [JSON.stringify([...new Set(ids.filter((one) => one !== undefined))])],
    });
    return new Map(rows.map((row) => [String(row.id), String(row.title)]));
  };
  const [runs, sessions, agents, files] = await Promise.all([
    titles(
      "SELECT id, json_extract(json, '$.title') AS title FROM runs WHERE id",
      items.map(({ run }) => run),
    ),
    titles(
      "SELECT id, title FROM sessions WHERE id",
      items.map(({ session }) => session),
    ),
    titles(
      "SELECT id, name AS title FROM agents WHERE id",
      items.map(({ agent }) => agent),
    ),
    titles(
      "SELECT id, name AS title FROM files WHERE id",
      items.map(({ kind, ref }) => (kind === "file" ? ref : undefined)),
    ),
  ]);
  return items.map(({ id: _place, ...item }) => {
    const names = { run: runs, step: runs, message: sessions, file: files };
    const key = { run: item.run, step: item.run, message: item.session, file: item.ref }[item.kind];
    const agentName = item.agent === undefined ? undefined : agents.get(item.agent);
    return { ...item, agentName, title: (key !== undefined && names[item.kind].get(key)) || "Untitled" };
  });
}
