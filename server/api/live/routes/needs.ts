/** What a person has put off. What needs them at all is the company room's to say. */
import { createRoute, z } from "@hono/zod-openapi";
import { and, asc, eq, gt } from "drizzle-orm";
import { needsLater } from "../../../../db/schema/index.ts";
import type { CompanyState } from "../../../../party/protocol/company.ts";
import { actorRefOf, identityOf, membershipOf } from "../../context.ts";
import { invalid, notFound, roomsAway } from "../../errors.ts";
import { id, time } from "../../fields.ts";
import { stillAllowed } from "../../records.ts";
import { policy } from "../../route.ts";
import { answer, companyParams, jsonBody, newRouter } from "../../router.ts";
import { readCompany } from "../company/read-through.ts";

const PATH = "/api/companies/{companyId}/needs";

/** ms; what is put off for longer has been forgotten */
const LONGEST_MS = 30 * 24 * 3_600_000;
/** needs one person may have put off in one company */
const MOST = 200;

const later = z.object({ need: id, until: time }).openapi("Later");

const list = createRoute({
  method: "get",
  path: `${PATH}/later`,
  summary: "What you have put off",
  middleware: policy({ auth: "person", scope: "company", minRole: "viewer", mutates: false }),
  request: { params: companyParams },
  responses: { 200: answer(z.object({ items: z.array(later) }), "What comes back, the soonest first") },
});

const put = createRoute({
  method: "put",
  path: `${PATH}/{needId}/later`,
  summary: "Put off what needs you, or take it up again",
  description: "An approval, a question, a failed run or a paused agent. Only you stop seeing it until then.",
  middleware: policy({ auth: "person", scope: "company", minRole: "viewer", mutates: true }),
  request: {
    params: companyParams.extend({ needId: id }),
    body: jsonBody(
      z.object({ until: z.iso.datetime().nullable().openapi({ description: "when it comes back; null takes it up again now" }) }),
    ),
  },
  responses: { 204: { description: "Stored" } },
});

/** True for what can need a person: it is in the company's room. */
function isNeed({ approvals, questions, roster }: CompanyState, need: string): boolean {
  return (
    Object.hasOwn(approvals, need) ||
    Object.hasOwn(questions, need) ||
    Object.hasOwn(roster, need) ||
    Object.values(roster).some((entry) => entry.last?.id === need)
  );
}

export function needRoutes() {
  return newRouter()
    .openapi(list, async (c) => {
      const { db, clock } = c.get("services");
      const items = await db
        .select({ need: needsLater.need, until: needsLater.until })
        .from(needsLater)
        .where(
          and(
            eq(needsLater.person, identityOf(c).user.id),
            eq(needsLater.company, membershipOf(c).company),
            gt(needsLater.until, new Date(clock.now()).toISOString()),
          ),
        )
        .orderBy(asc(needsLater.until))
        .limit(MOST);
      return c.json({ items }, 200);
    })
    .openapi(put, async (c) => {
      const { rooms, write, clock } = c.get("services");
      const { company } = membershipOf(c);
      const { needId } = c.req.valid("param");
      const { until } = c.req.valid("json");
      const at = until === null ? undefined : Date.parse(until);
      if (at !== undefined && (at <= clock.now() || at > clock.now() + LONGEST_MS))
        throw invalid("until", "Say a time in the next 30 days.");
      const live = await readCompany(rooms, company);
      if (!live) throw roomsAway();
      if (!isNeed(live, needId)) throw notFound();
      const by = actorRefOf(identityOf(c));
      const mine = [by.id, company];
      await write(
        (context) => [
          stillAllowed(c),
          // What is over is over for good: the table holds what is put off now.
          {
            sql: "DELETE FROM needs_later WHERE person = ? AND company = ? AND (need = ? OR until <= ?)",
            args: [...mine, needId, context.now],
          },
          ...(at === undefined
            ? []
            : [
                {
                  sql: `INSERT INTO needs_later (person, company, need, until, at) SELECT ?, ?, ?, ?, ?
                    WHERE (SELECT count(*) FROM needs_later WHERE person = ? AND company = ?) < ?`,
                  args: [...mine, needId, new Date(at).toISOString(), context.now, ...mine, MOST],
                },
              ]),
          context.activity({
            chain: company,
            actor: by,
            action: at === undefined ? "need.taken_up" : "need.put_off",
            subject: { kind: "need", id: needId },
            data: until === null ? {} : { until },
          }),
        ],
        { chains: [company] },
      );
      return c.body(null, 204);
    });
}
