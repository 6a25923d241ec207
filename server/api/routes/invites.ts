/** Invites: made by admins, previewed by whoever has the link, accepted by signed-in people (or while signing up). */
import { createRoute, z } from "@hono/zod-openapi";
import { and, desc, eq, gt, isNull, lt } from "drizzle-orm";
import { WriteRefused } from "../../../db/errors.ts";
import { companies, invites } from "../../../db/schema/index.ts";
import { mustHold, orRefuse, type Statement } from "../../../db/write-queue.ts";
import { newId } from "../../../party/protocol/ids.ts";
import { atLeast } from "../../../party/protocol/roles.ts";
import { closedInvite, explainJoin, findInvite, join, openInvite, rightsBefore } from "../../auth/invites.ts";
import { isOwnerToken } from "../../auth/owner-token.ts";
import { hashToken, newToken } from "../../auth/tokens.ts";
import { inviteLetter } from "../../mail/letters.ts";
import { actorRefOf, identityOf, membershipOf } from "../context.ts";
import { ApiError, forbidden, notFound } from "../errors.ts";
import { cutPage, email, id, pageOf, pageQuery, role, time } from "../fields.ts";
import { originForMail, originOf } from "../origin.ts";
import { stillAllowed, tellActivity } from "../records.ts";
import { policy } from "../route.ts";
import { answer, companyParams, jsonBody, newRouter } from "../router.ts";

/** ms an invite can be used */
const LIFE_MS = 7 * 24 * 3_600_000;
/** invites one person may have mailed in a day: a company in a hurry needs fewer, a mailing list would need more */
const MAX_MAILED = 50;
const DAY_MS = 24 * 3_600_000;

const invite = z.object({ id, role, email: z.string().nullable(), createdAt: time, expiresAt: time }).openapi("Invite");
const token = z.string().min(20).max(200);

const list = createRoute({
  method: "get",
  path: "/api/companies/{companyId}/invites",
  summary: "Open invites",
  middleware: policy({ auth: "person", scope: "company", minRole: "admin", mutates: false }),
  request: { params: companyParams, query: pageQuery },
  responses: { 200: answer(pageOf(invite), "Open invites, newest first, without their links") },
});

const create = createRoute({
  method: "post",
  path: "/api/companies/{companyId}/invites",
  summary: "Invite someone",
  middleware: policy({ auth: "person", scope: "company", minRole: "admin", mutates: true }),
  request: { params: companyParams, body: jsonBody(z.object({ role, email: email.optional() })) },
  responses: {
    201: answer(
      invite.extend({
        token: z.string(),
        link: z.string(),
        /** false: nothing was mailed, so somebody must send the link */
        mailed: z.boolean(),
      }),
      "The invite; its token and link are shown once",
    ),
  },
});

const remove = createRoute({
  method: "delete",
  path: "/api/companies/{companyId}/invites/{inviteId}",
  summary: "Take an invite back",
  middleware: policy({ auth: "person", scope: "company", minRole: "admin", mutates: true, whenFull: "allow" }),
  request: { params: companyParams.extend({ inviteId: id }) },
  responses: { 204: { description: "Taken back" } },
});

const preview = createRoute({
  method: "get",
  path: "/api/invites/preview",
  summary: "What a link leads to",
  middleware: policy({ auth: "none", scope: "public", minRole: null, mutates: false }),
  request: { query: z.object({ token }) },
  responses: {
    200: answer(
      z.discriminatedUnion("kind", [
        z.object({ kind: z.literal("owner") }),
        z.object({ kind: z.literal("company"), company: z.string(), role, invitedBy: z.string(), email: z.string().nullable() }),
      ]),
      "The company and the role, or the set-up of the instance",
    ),
  },
});

const accept = createRoute({
  method: "post",
  path: "/api/invites/accept",
  summary: "Join a company",
  middleware: policy({ auth: "person", scope: "self", minRole: null, mutates: true }),
  request: { body: jsonBody(z.object({ invite: token })) },
  responses: { 200: answer(z.object({ companyId: id, role }), "Joined") },
});

export function inviteRoutes() {
  return newRouter()
    .openapi(list, async (c) => {
      const { limit, cursor } = c.req.valid("query");
      const { db, clock } = c.get("services");
      const rows = await db
        .select()
        .from(invites)
        .where(
          and(
            eq(invites.company, membershipOf(c).company),
            isNull(invites.acceptedAt),
            gt(invites.expiresAt, new Date(clock.now()).toISOString()),
            cursor === undefined ? undefined : lt(invites.id, cursor),
          ),
        )
        .orderBy(desc(invites.id))
        .limit(limit + 1);
      const page = cutPage(rows, limit, (row) => row.id);
      return c.json({ ...page, items: page.items.map(show) }, 200);
    })
    .openapi(create, async (c) => {
      const { write, clock, mail, db } = c.get("services");
      const { role: wanted, email: mailbox } = c.req.valid("json");
      const { company, role: own } = membershipOf(c);
      if (!atLeast(own, wanted)) throw forbidden(`You are ${own} and can invite people up to that role.`);
      const by = actorRefOf(identityOf(c));
      const secret = newToken();
      const now = clock.now();
      const row = {
        id: newId("inv", now),
        role: wanted,
        email: mailbox ?? null,
        createdAt: new Date(now).toISOString(),
        expiresAt: new Date(now + LIFE_MS).toISOString(),
      };
      const link = `${originOf(c)}/join?invite=${secret}`;
      const [place] = await db.select({ name: companies.name }).from(companies).where(eq(companies.id, company));
      const mailed = `${originForMail(c.get("services"))}/join?invite=${secret}`;
      const words = { by: by.name, company: place?.name ?? "a company", role: wanted, link: mailed, until: row.expiresAt };
      const letter = mailbox === undefined || !mail.on ? [] : mail.put(inviteLetter(mailbox, words));
      const recently = new Date(now - DAY_MS).toISOString();
      await write(
        (context) => [
          stillAllowed(c),
          ...(letter.length === 0 ? [] : [notTooMany(by.id, recently)]),
          ...letter,
          {
            sql: `INSERT INTO invites (id, company, role, email, token_hash, created_by, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
            args: [row.id, company, wanted, row.email, hashToken(secret), by.id, row.createdAt, row.expiresAt],
          },
          context.activity({
            chain: company,
            actor: by,
            action: "invite.created",
            subject: { kind: "invite", id: row.id },
            data: { role: wanted, email: row.email },
          }),
          tellActivity(context, company, by, `invited a new ${wanted}`),
        ],
        { chains: [company] },
      ).catch(explainCreate);
      mail.kick();
      c.set("holdsSecret", true);
      return c.json({ ...show(row), token: secret, link, mailed: letter.length > 0 }, 201);
    })
    .openapi(remove, async (c) => {
      const { company } = membershipOf(c);
      const { inviteId } = c.req.valid("param");
      const by = actorRefOf(identityOf(c));
      await c
        .get("services")
        .write(
          ({ activity }) => [
            stillAllowed(c),
            { sql: "DELETE FROM invites WHERE id = ? AND company = ? AND accepted_at IS NULL", args: [inviteId, company] },
            orRefuse("no_invite"),
            activity({ chain: company, actor: by, action: "invite.revoked", subject: { kind: "invite", id: inviteId } }),
          ],
          { chains: [company] },
        )
        .catch((error: unknown) => {
          throw error instanceof WriteRefused && error.code === "no_invite" ? notFound() : error;
        });
      return c.body(null, 204);
    })
    .openapi(preview, async (c) => {
      const { read, clock } = c.get("services");
      const { token: given } = c.req.valid("query");
      if (await isOwnerToken(read, given)) return c.json({ kind: "owner" as const }, 200);
      const found = await findInvite(read, given, clock.now());
      if (found.kind !== "open") throw closedInvite(found.kind);
      const { companyName: company, role: offered, invitedBy, email: mailbox } = found.invite;
      return c.json({ kind: "company" as const, company, role: offered, invitedBy, email: mailbox ?? null }, 200);
    })
    .openapi(accept, async (c) => {
      const { read, write, clock } = c.get("services");
      const identity = identityOf(c);
      const found = await openInvite(read, c.req.valid("json").invite, identity.user.email, clock.now());
      const before = await rightsBefore(read, found.company, identity.user.id);
      await write((context) => join(context, found, actorRefOf(identity), before), { chains: [found.company] }).catch(
        explainJoin,
      );
      return c.json({ companyId: found.company, role: found.role }, 200);
    });
}

function show(row: { id: string; role: z.infer<typeof role>; email: string | null; createdAt: string; expiresAt: string }) {
  return { id: row.id, role: row.role, email: row.email, createdAt: row.createdAt, expiresAt: row.expiresAt };
}

/** Refuses the unit when a person has had so many invites mailed since then that it looks like something else. */
function notTooMany(person: string, since: string): Statement {
  return mustHold(
    "too_many_invites",
    "SELECT count(*) < ? FROM invites WHERE created_by = ? AND email IS NOT NULL AND created_at > ?",
    [MAX_MAILED, person, since],
  );
}

function explainCreate(error: unknown): never {
  if (error instanceof WriteRefused && error.code === "too_many_invites") {
    const message = `You have had ${MAX_MAILED} invites mailed within a day. Make the next one without an address and send its link yourself.`;
    throw new ApiError(429, "too_many_invites", message);
  }
  throw error;
}
