/** The audit of a company: what was done, by whom, and whether the record is whole. */
import { createRoute, z } from "@hono/zod-openapi";
import { and, desc, eq, lt } from "drizzle-orm";
import { verifyChain } from "../../../db/audit.ts";
import { activity } from "../../../db/schema/index.ts";
import { membershipOf } from "../context.ts";
import { cutPage, pageOf, pageQuery, time } from "../fields.ts";
import { policy } from "../route.ts";
import { answer, companyParams, newRouter } from "../router.ts";

const entry = z
  .object({
    n: z.number().int(),
    at: time,
    by: z.object({ id: z.string(), name: z.string(), kind: z.enum(["person", "agent", "system"]) }),
    action: z.string(),
    subject: z.object({ kind: z.string(), id: z.string() }),
    /** canonical JSON of what changed */
    data: z.string(),
    hash: z.string(),
  })
  .openapi("Activity");

const list = createRoute({
  method: "get",
  path: "/api/companies/{companyId}/activity",
  summary: "What was done",
  middleware: policy({ auth: "person", scope: "company", minRole: "viewer", mutates: false }),
  request: { params: companyParams, query: pageQuery },
  responses: { 200: answer(pageOf(entry), "Newest first") },
});

const verify = createRoute({
  method: "get",
  path: "/api/companies/{companyId}/activity/verify",
  summary: "Check the audit's hash chain",
  middleware: policy({ auth: "person", scope: "company", minRole: "admin", mutates: false }),
  request: { params: companyParams },
  responses: {
    200: answer(
      z.discriminatedUnion("ok", [
        z.object({ ok: z.literal(true), entries: z.number().int() }),
        z.object({ ok: z.literal(false), at: z.number().int(), why: z.string() }),
      ]),
      "Whole, or the number of the first entry that does not fit",
    ),
  },
});

export function activityRoutes() {
  return newRouter()
    .openapi(list, async (c) => {
      const { limit, cursor } = c.req.valid("query");
      const before = cursor === undefined ? undefined : Number(cursor);
      const rows = await c
        .get("services")
        .db.select()
        .from(activity)
        .where(
          and(
            eq(activity.chain, membershipOf(c).company),
            before === undefined || Number.isNaN(before) ? undefined : lt(activity.n, before),
          ),
        )
        .orderBy(desc(activity.n))
        .limit(limit + 1);
      const page = cutPage(rows, limit, (row) => String(row.n));
      const items = page.items.map((row) => ({
        n: row.n,
        at: row.at,
        by: { id: row.actorId, name: row.actorName, kind: row.actorKind },
        action: row.action,
        subject: { kind: row.subjectKind, id: row.subjectId },
        data: row.data,
        hash: row.hash,
      }));
      return c.json({ ...page, items }, 200);
    })
    .openapi(verify, async (c) => c.json(await verifyChain(c.get("services").read, membershipOf(c).company), 200));
}
