/** Conversations: their list and their settings. */
import { createRoute, z } from "@hono/zod-openapi";
import { WriteRefused } from "../../../../db/errors.ts";
import { orRefuse } from "../../../../db/write-queue.ts";
import { newId } from "../../../../party/protocol/ids.ts";
import { type AppContext, actorRefOf, identityOf, membershipOf } from "../../context.ts";
import { conflict, invalid, notFound } from "../../errors.ts";
import { cutPage, id, line, pageOf, pageQuery, version } from "../../fields.ts";
import { stillAllowed } from "../../records.ts";
import { policy } from "../../route.ts";
import { answer, companyParams, jsonBody, newRouter } from "../../router.ts";
import { findSession, SESSION_SELECT, type SessionOut, sessionOf, sessionShape, tellSession } from "../sessions/records.ts";

const PATH = "/api/companies/{companyId}/sessions";
const params = companyParams.extend({ sessionId: id });
const see = policy({ auth: "person", scope: "company", minRole: "viewer", mutates: false });
const talk = policy({ auth: "person", scope: "company", minRole: "member", mutates: true });
const UNTITLED = "New conversation";

const list = createRoute({
  method: "get",
  path: PATH,
  summary: "Conversations, the newest talk first",
  middleware: see,
  request: {
    params: companyParams,
    query: pageQuery.extend({ archived: z.enum(["0", "1"]).default("0"), q: z.string().trim().min(1).max(200).optional() }),
  },
  responses: { 200: answer(pageOf(sessionShape), "A page of conversations") },
});

const create = createRoute({
  method: "post",
  path: PATH,
  summary: "Begin a conversation with an agent",
  middleware: talk,
  request: {
    params: companyParams,
    body: jsonBody(z.object({ agentId: id, title: line(200).optional() })),
  },
  responses: { 201: answer(sessionShape, "The conversation") },
});

const get = createRoute({
  method: "get",
  path: `${PATH}/{sessionId}`,
  summary: "One conversation",
  middleware: see,
  request: { params },
  responses: { 200: answer(sessionShape, "The conversation") },
});

const patch = createRoute({
  method: "patch",
  path: `${PATH}/{sessionId}`,
  summary: "Rename, archive or open a conversation",
  middleware: talk,
  request: {
    params,
    body: jsonBody(z.object({ title: line(200).optional(), archived: z.boolean().optional(), version })),
  },
  responses: { 200: answer(sessionShape, "The conversation, as changed") },
});

/** @throws 404 also for conversations of other companies */
async function requireSession(c: AppContext, session: string): Promise<SessionOut> {
  const found = await findSession(c.get("services").read, membershipOf(c).company, session);
  if (!found) throw notFound();
  return found;
}

const SEPARATOR = "~";
const placeOf = (session: SessionOut) => `${session.lastMessageAt ?? session.createdAt}${SEPARATOR}${session.id}`;

export function sessionRoutes() {
  return newRouter()
    .openapi(list, async (c) => {
      const { limit, cursor, archived, q } = c.req.valid("query");
      const [at, below] = cursor?.split(SEPARATOR) ?? [];
      if (cursor !== undefined && !(at && below)) throw invalid("cursor", "This cursor is not one of ours.");
      const { rows } = await c.get("services").read.execute({
        sql: `${SESSION_SELECT} WHERE s.company = ? AND (s.archived_at IS NULL) = ?
            AND (? IS NULL OR instr(lower(s.title), lower(?)) > 0)
            AND (? IS NULL OR (coalesce(s.last_message_at, s.created_at), s.id) < (?, ?))
          ORDER BY coalesce(s.last_message_at, s.created_at) DESC, s.id DESC LIMIT ?`,
        args: [
          membershipOf(c).company,
          archived === "1" ? 0 : 1,
          q ?? null,
          q ?? null,
          at ?? null,
          at ?? null,
          below ?? null,
          limit + 1,
        ],
      });
      return c.json(cutPage(rows.map(sessionOf), limit, placeOf), 200);
    })
    .openapi(create, async (c) => {
      const { read, write, clock } = c.get("services");
      const { company } = membershipOf(c);
      const by = actorRefOf(identityOf(c));
      const { agentId, title = UNTITLED } = c.req.valid("json");
      const { rows } = await read.execute({
        sql: "SELECT name FROM agents WHERE id = ? AND company = ? AND retired_at IS NULL",
        args: [agentId, company],
      });
      if (!rows[0]) throw invalid("agentId", "There is no such agent in this company.");
      const now = new Date(clock.now()).toISOString();
      const session: SessionOut = {
        id: newId("ss", clock.now()),
        agent: agentId,
        agentName: String(rows[0].name),
        title,
        archived: false,
        version: 1,
        createdBy: by.id,
        createdAt: now,
        lastMessageAt: null,
      };
      await write(
        (context) => [
          stillAllowed(c),
          {
            sql: `INSERT INTO sessions (id, company, agent, title, version, created_by, created_at, updated_at)
              VALUES (?, ?, ?, ?, 1, ?, ?, ?)`,
            args: [session.id, company, agentId, title, by.id, now, now],
          },
          tellSession(context, company, session),
          context.activity({
            chain: company,
            actor: by,
            action: "session.created",
            subject: { kind: "session", id: session.id },
            data: { agent: agentId },
          }),
        ],
        { chains: [company] },
      );
      return c.json(session, 201);
    })
    .openapi(get, async (c) => c.json(await requireSession(c, c.req.valid("param").sessionId), 200))
    .openapi(patch, async (c) => {
      const before = await requireSession(c, c.req.valid("param").sessionId);
      const { version: seen, ...changes } = c.req.valid("json");
      const session: SessionOut = { ...before, ...changes, version: seen + 1 };
      await save(c, session, seen, changes);
      return c.json(session, 200);
    });
}

async function save(c: AppContext, session: SessionOut, seen: number, changes: Record<string, unknown>): Promise<void> {
  const { company } = membershipOf(c);
  const written = c.get("services").write(
    (context) => [
      stillAllowed(c),
      {
        sql: `UPDATE sessions SET title = ?, version = ?, updated_at = ?,
            archived_at = CASE WHEN ? THEN coalesce(archived_at, ?) END
          WHERE id = ? AND version = ?`,
        args: [session.title, session.version, context.now, session.archived ? 1 : 0, context.now, session.id, seen],
      },
      orRefuse("version"),
      tellSession(context, company, session),
      context.activity({
        chain: company,
        actor: actorRefOf(identityOf(c)),
        action: "session.changed",
        subject: { kind: "session", id: session.id },
        data: changes,
      }),
    ],
    { chains: [company] },
  );
  await written.catch(async (error: unknown) => {
    if (!(error instanceof WriteRefused) || error.code !== "version") throw error;
    const now = await requireSession(c, session.id);
    throw conflict("version", "This conversation was changed meanwhile. Look again and retry.", { version: now.version });
  });
}
