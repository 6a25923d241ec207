/** Members: who belongs to a company and what they may do there. */
import { createRoute, z } from "@hono/zod-openapi";
import { and, asc, eq, gt, isNull } from "drizzle-orm";
import { WriteRefused } from "../../../db/errors.ts";
import { members, users } from "../../../db/schema/index.ts";
import { mustHold, orRefuse, type Statement } from "../../../db/write-queue.ts";
import { atLeast, type Role } from "../../../party/protocol/roles.ts";
import { type AppContext, actorRefOf, identityOf, membershipOf } from "../context.ts";
import { conflict, forbidden, notFound } from "../errors.ts";
import { cutPage, id, pageOf, pageQuery, role, time } from "../fields.ts";
import { leaveSessions, privateSessionsOf } from "../live/sessions/leave.ts";
import { stillAllowed, tellActivity, tellMember, tellMemberGone } from "../records.ts";
import { policy } from "../route.ts";
import { answer, companyParams, jsonBody, newRouter } from "../router.ts";

const member = z.object({ id, name: z.string(), email: z.string(), role, joinedAt: time }).openapi("Member");
const memberParams = companyParams.extend({ userId: id });

const list = createRoute({
  method: "get",
  path: "/api/companies/{companyId}/members",
  summary: "Who belongs to the company",
  middleware: policy({ auth: "person", scope: "company", minRole: "viewer", mutates: false }),
  request: { params: companyParams, query: pageQuery },
  responses: { 200: answer(pageOf(member), "Members; ids are people's ids") },
});

const patch = createRoute({
  method: "patch",
  path: "/api/companies/{companyId}/members/{userId}",
  summary: "Change a member's role",
  middleware: policy({ auth: "person", scope: "company", minRole: "admin", mutates: true }),
  request: { params: memberParams, body: jsonBody(z.object({ role })) },
  responses: { 200: answer(member, "The member, as changed") },
});

const remove = createRoute({
  method: "delete",
  path: "/api/companies/{companyId}/members/{userId}",
  summary: "Take a member out",
  middleware: policy({ auth: "person", scope: "company", minRole: "admin", mutates: true, whenFull: "allow" }),
  request: { params: memberParams },
  responses: { 204: { description: "Taken out; their sockets close within two seconds" } },
});

const leave = createRoute({
  method: "post",
  path: "/api/companies/{companyId}/leave",
  summary: "Leave the company",
  middleware: policy({ auth: "person", scope: "company", minRole: "viewer", mutates: true, whenFull: "allow" }),
  request: { params: companyParams },
  responses: { 204: { description: "Left" } },
});

type MemberRow = { id: string; name: string; email: string; role: Role; rights: number; joinedAt: string };

export function memberRoutes() {
  return newRouter()
    .openapi(list, async (c) => {
      const { limit, cursor } = c.req.valid("query");
      const rows = await select(c)
        .where(and(eq(members.company, membershipOf(c).company), isNull(members.removedAt), gt(users.id, cursor ?? "")))
        .orderBy(asc(users.id))
        .limit(limit + 1);
      const page = cutPage(rows, limit, (row) => row.id);
      return c.json({ ...page, items: page.items.map(show) }, 200);
    })
    .openapi(patch, async (c) => {
      const { role: next } = c.req.valid("json");
      const target = await load(c, c.req.valid("param").userId);
      mayManage(c, target.role);
      mayManage(c, next);
      if (next === target.role) return c.json(show(target), 200);
      const changed: MemberRow = { ...target, role: next, rights: target.rights + 1 };
      const { company } = membershipOf(c);
      const by = actorRefOf(identityOf(c));
      await c
        .get("services")
        .write(
          (context) => [
            stillAllowed(c),
            {
              sql: "UPDATE members SET role = ?, rights = ? WHERE company = ? AND user = ? AND rights = ? AND removed_at IS NULL",
              args: [next, changed.rights, company, target.id, target.rights],
            },
            orRefuse("stale"),
            anOwnerIsLeft(company),
            context.activity({
              chain: company,
              actor: by,
              action: "member.role_changed",
              subject: { kind: "person", id: target.id },
              data: { from: target.role, to: next },
            }),
            tellMember(context, company, { id: target.id, name: target.name, role: next, rights: changed.rights }, by),
            tellActivity(context, company, by, `made ${target.name} ${next}`),
          ],
          { chains: [company] },
        )
        .catch(explain);
      return c.json(show(changed), 200);
    })
    .openapi(remove, async (c) => {
      const target = await load(c, c.req.valid("param").userId);
      mayManage(c, target.role);
      await takeOut(c, target);
      return c.body(null, 204);
    })
    .openapi(leave, async (c) => {
      await takeOut(c, await load(c, identityOf(c).user.id));
      return c.body(null, 204);
    });
}

function select(c: AppContext) {
  return c
    .get("services")
    .db.select({
      id: users.id,
      name: users.name,
      email: users.email,
      role: members.role,
      rights: members.rights,
      joinedAt: members.createdAt,
    })
    .from(members)
    .innerJoin(users, eq(users.id, members.user));
}

async function load(c: AppContext, user: string): Promise<MemberRow> {
  const [row] = await select(c).where(
    and(eq(members.company, membershipOf(c).company), eq(members.user, user), isNull(members.removedAt)),
  );
  if (!row) throw notFound();
  return row;
}

/** Nobody gives, takes or touches a role above their own. */
function mayManage(c: AppContext, role: Role): void {
  const own = membershipOf(c).role;
  if (!atLeast(own, role)) throw forbidden(`Only an ${role} can do this; you are ${own}.`);
}

/** After the change the company must still have someone who may do everything. */
function anOwnerIsLeft(company: string): Statement {
  return mustHold(
    "last_owner",
    "SELECT EXISTS (SELECT 1 FROM members WHERE company = ? AND role = 'owner' AND removed_at IS NULL)",
    [company],
  );
}

async function takeOut(c: AppContext, target: MemberRow): Promise<void> {
  const { company } = membershipOf(c);
  const by = actorRefOf(identityOf(c));
  const left = target.id === by.id;
  const rights = target.rights + 1;
  const conversations = await privateSessionsOf(c.get("services").read, company, target.id);
  await c
    .get("services")
    .write(
      (context) => [
        stillAllowed(c),
        {
          sql: "UPDATE members SET removed_at = ?, rights = ? WHERE company = ? AND user = ? AND rights = ? AND removed_at IS NULL",
          args: [context.now, rights, company, target.id, target.rights],
        },
        orRefuse("stale"),
        anOwnerIsLeft(company),
        context.activity({
          chain: company,
          actor: by,
          action: left ? "member.left" : "member.removed",
          subject: { kind: "person", id: target.id },
          data: { role: target.role },
        }),
        tellMemberGone(context, company, { id: target.id, name: target.name, rights }, by),
        ...leaveSessions(context, company, target.id, conversations),
        context.toRoom("company", company, { kind: "activity", by, text: left ? "left the company" : `took ${target.name} out` }),
      ],
      { chains: [company] },
    )
    .catch(explain);
}

function explain(error: unknown): never {
  if (error instanceof WriteRefused && error.code === "last_owner") {
    throw conflict("last_owner", "A company needs an owner. Make someone else owner first.");
  }
  throw error;
}

function show({ id: user, name, email, role: current, joinedAt }: MemberRow) {
  return { id: user, name, email, role: current, joinedAt };
}
