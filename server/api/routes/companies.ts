/** Companies: the tenants. Making one also makes its first agent. */
import { createRoute, z } from "@hono/zod-openapi";
import { and, asc, eq, gt, isNull } from "drizzle-orm";
import { INSTANCE_CHAIN } from "../../../db/audit.ts";
import { WriteRefused } from "../../../db/errors.ts";
import { companies, members, sessions } from "../../../db/schema/index.ts";
import { orRefuse } from "../../../db/write-queue.ts";
import { newId } from "../../../party/protocol/ids.ts";
import type { Role } from "../../../party/protocol/roles.ts";
import { type AppContext, actorRefOf, identityOf, membershipOf } from "../context.ts";
import { conflict, notFound } from "../errors.ts";
import { cutPage, id, line, pageOf, pageQuery, role, time, version } from "../fields.ts";
import { agentRoomsOfCompany, roomsOfCompany } from "../live/sessions/rooms.ts";
import { guideFor, insertAgent } from "../new-agent.ts";
import { type CompanyRow, stillAllowed, tellActivity, tellAgent, tellCompany, tellMember } from "../records.ts";
import { policy } from "../route.ts";
import { answer, companyParams, jsonBody, newRouter } from "../router.ts";

const PREFIX = /^[A-Z][A-Z0-9]{1,7}$/;
const PREFIX_CHARS = 3;

const company = z
  .object({
    id,
    name: z.string(),
    prefix: z.string(),
    fourEyes: z.boolean(),
    version,
    createdAt: time,
    /** the caller's */
    role,
  })
  .openapi("Company");

const prefix = z
  .string()
  .regex(PREFIX, "takes 2 to 8 capital letters and digits, a letter first")
  .openapi({ description: "in front of the numbers of its things: NOR-12" });

const list = createRoute({
  method: "get",
  path: "/api/companies",
  summary: "My companies",
  middleware: policy({ auth: "person", scope: "self", minRole: null, mutates: false }),
  request: { query: pageQuery },
  responses: { 200: answer(pageOf(company), "Companies I am a member of, oldest first") },
});

const create = createRoute({
  method: "post",
  path: "/api/companies",
  summary: "Make a company, with the agent Guide in it",
  middleware: policy({ auth: "person", scope: "self", minRole: null, mutates: true }),
  request: { body: jsonBody(z.object({ name: line(80), prefix: prefix.optional() })) },
  responses: { 201: answer(company, "The company; the caller is its owner") },
});

const get = createRoute({
  method: "get",
  path: "/api/companies/{companyId}",
  summary: "One company",
  middleware: policy({ auth: "person", scope: "company", minRole: "viewer", mutates: false }),
  request: { params: companyParams },
  responses: { 200: answer(company, "The company") },
});

const patch = createRoute({
  method: "patch",
  path: "/api/companies/{companyId}",
  summary: "Change a company",
  middleware: policy({ auth: "person", scope: "company", minRole: "admin", mutates: true }),
  request: {
    params: companyParams,
    body: jsonBody(z.object({ version, name: line(80).optional(), prefix: prefix.optional(), fourEyes: z.boolean().optional() })),
  },
  responses: { 200: answer(company, "The company, as changed") },
});

const remove = createRoute({
  method: "delete",
  path: "/api/companies/{companyId}",
  summary: "Delete a company with everything in it",
  description: "The files of its agents are out of reach at once and removed within two minutes.",
  middleware: policy({ auth: "person", scope: "company", minRole: "owner", mutates: true, whenFull: "allow" }),
  request: { params: companyParams },
  responses: { 204: { description: "Deleted" } },
});

export function companyRoutes() {
  return newRouter()
    .openapi(list, async (c) => {
      const { limit, cursor } = c.req.valid("query");
      const rows = await c
        .get("services")
        .db.select({ company: companies, role: members.role })
        .from(members)
        .innerJoin(companies, eq(companies.id, members.company))
        .where(and(eq(members.user, identityOf(c).user.id), isNull(members.removedAt), gt(companies.id, cursor ?? "")))
        .orderBy(asc(companies.id))
        .limit(limit + 1);
      const page = cutPage(rows, limit, (row) => row.company.id);
      return c.json({ ...page, items: page.items.map((row) => show(row.company, row.role)) }, 200);
    })
    .openapi(create, async (c) => {
      const { write, clock } = c.get("services");
      const { name, prefix: wanted } = c.req.valid("json");
      const identity = identityOf(c);
      const by = actorRefOf(identity);
      const companyId = newId("co", clock.now());
      const now = new Date(clock.now()).toISOString();
      const row: CompanyRow = {
        id: companyId,
        name,
        prefix: wanted ?? prefixOf(name),
        fourEyes: false,
        version: 1,
        createdBy: by.id,
        createdAt: now,
      };
      const guide = guideFor(companyId, by.id, now);
      await write(
        (context) => [
          {
            sql: "INSERT INTO companies (id, name, prefix, created_by, created_at) VALUES (?, ?, ?, ?, ?)",
            args: [row.id, row.name, row.prefix, by.id, now],
          },
          {
            sql: "INSERT INTO members (company, user, role, rights, created_at) VALUES (?, ?, 'owner', 1, ?)",
            args: [row.id, by.id, now],
          },
          insertAgent(guide),
          context.activity({
            chain: INSTANCE_CHAIN,
            actor: by,
            action: "company.created",
            subject: { kind: "company", id: row.id },
            data: { name },
          }),
          context.activity({
            chain: row.id,
            actor: by,
            action: "company.created",
            subject: { kind: "company", id: row.id },
            data: { name, prefix: row.prefix },
          }),
          tellCompany(context, row),
          tellMember(context, row.id, { id: by.id, name: by.name, role: "owner", rights: 1 }, by),
          ...tellAgent(context, guide),
          tellActivity(context, row.id, by, "made the company"),
        ],
        { chains: [INSTANCE_CHAIN, row.id] },
      );
      return c.json(show(row, "owner"), 201);
    })
    .openapi(get, async (c) => c.json(show(await load(c), membershipOf(c).role), 200))
    .openapi(patch, async (c) => {
      const { write } = c.get("services");
      const { version: seen, ...changes } = c.req.valid("json");
      const by = actorRefOf(identityOf(c));
      const before = await load(c);
      const row: CompanyRow = { ...before, ...changes, version: seen + 1 };
      await write(
        (context) => [
          stillAllowed(c),
          {
            sql: "UPDATE companies SET name = ?, prefix = ?, four_eyes = ?, version = version + 1 WHERE id = ? AND version = ?",
            args: [row.name, row.prefix, row.fourEyes ? 1 : 0, row.id, seen],
          },
          orRefuse("stale"),
          context.activity({
            chain: row.id,
            actor: by,
            action: "company.changed",
            subject: { kind: "company", id: row.id },
            data: changes,
          }),
          tellCompany(context, row),
          tellActivity(context, row.id, by, "changed the company's settings"),
        ],
        { chains: [row.id] },
      ).catch(async (error: unknown) => {
        if (!(error instanceof WriteRefused) || error.code !== "stale") throw error;
        const current = await load(c);
        throw conflict("stale", "Someone changed the company meanwhile. Load it again.", { version: current.version });
      });
      return c.json(show(row, membershipOf(c).role), 200);
    })
    .openapi(remove, async (c) => {
      const { write, db, bin, files } = c.get("services");
      const by = actorRefOf(identityOf(c));
      const row = await load(c);
      const itsSessions = await db.select({ id: sessions.id }).from(sessions).where(eq(sessions.company, row.id));
      await write(
        ({ activity, toRoom, toRooms }) => [
          stillAllowed(c),
          // Before the rows go that name the rooms.
          toRooms("agent", { kind: "purge" }, agentRoomsOfCompany(row.id)),
          toRooms("company", { kind: "purge" }, roomsOfCompany(row.id)),
          // Everything of the company hangs on this row and goes with it.
          { sql: "DELETE FROM companies WHERE id = ?", args: [row.id] },
          orRefuse("gone"),
          { sql: "DELETE FROM activity WHERE chain = ?", args: [row.id] },
          activity({
            chain: INSTANCE_CHAIN,
            actor: by,
            action: "company.deleted",
            subject: { kind: "company", id: row.id },
            data: { name: row.name },
          }),
          ...itsSessions.map((session) => toRoom("session", session.id, { kind: "purge" })),
        ],
        { chains: [INSTANCE_CHAIN] },
      );
      files.discard(row.id);
      await bin.discard(row.id);
      return c.body(null, 204);
    });
}

async function load(c: AppContext): Promise<CompanyRow> {
  const [row] = await c
    .get("services")
    .db.select()
    .from(companies)
    .where(eq(companies.id, membershipOf(c).company));
  if (!row) throw notFound();
  return row;
}

function show({ id: companyId, name, prefix: letters, fourEyes, version: current, createdAt }: CompanyRow, own: Role) {
  return { id: companyId, name, prefix: letters, fourEyes, version: current, createdAt, role: own };
}

/** The first letters of a name, without marks: "Nordlys AS" -> "NOR". */
function prefixOf(name: string): string {
  const letters = name
    .normalize("NFD")
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, "")
    .replace(/^[0-9]+/, "");
  return letters.length < 2 ? "CO" : letters.slice(0, PREFIX_CHARS);
}
