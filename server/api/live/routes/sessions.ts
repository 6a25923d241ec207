/** Conversations: their list and their settings. */
import { createRoute, z } from "@hono/zod-openapi";
import { newId } from "../../../../party/protocol/ids.ts";
import { LIMITS } from "../../../../party/protocol/limits.ts";
import { type AppContext, actorRefOf, identityOf, membershipOf } from "../../context.ts";
import { ApiError, invalid, notFound } from "../../errors.ts";
import { cutPage, id, line, pageOf, pageQuery, version } from "../../fields.ts";
import { policy } from "../../route.ts";
import { answer, companyParams, jsonBody, newRouter } from "../../router.ts";
import { findSession, readSessions, type SessionOut, sessionShape } from "../sessions/records.ts";
import { requireSeen } from "../sessions/visible.ts";
import { insertSession, requireAgents, requirePeople, type SessionChanges, updateSession } from "../sessions/write.ts";

const PATH = "/api/companies/{companyId}/sessions";
const params = companyParams.extend({ sessionId: id });
const see = policy({ auth: "person", scope: "company", minRole: "viewer", mutates: false });
const talk = policy({ auth: "person", scope: "company", minRole: "member", mutates: true });
/** Until the first message gives a title, or a person does. */
const UNTITLED = "New conversation";

const agentIds = z.array(id).min(1).max(LIMITS.sessionAgents);
const peopleIds = z.array(id).min(1).max(LIMITS.sessionPeople);

const list = createRoute({
  method: "get",
  path: PATH,
  summary: "Conversations, the newest talk first",
  middleware: see,
  request: {
    params: companyParams,
    query: pageQuery.extend({
      archived: z.enum(["0", "1"]).default("0"),
      q: z.string().trim().min(1).max(200).optional().openapi({ description: "part of the title or of a message" }),
    }),
  },
  responses: { 200: answer(pageOf(sessionShape), "A page of conversations") },
});

const create = createRoute({
  method: "post",
  path: PATH,
  summary: "Begin a conversation with one or several agents",
  description: "A private one is seen by the people it names alone, you among them; it is private from its beginning or never.",
  middleware: talk,
  request: {
    params: companyParams,
    body: jsonBody(
      z.object({
        agentId: id.openapi({ description: "answers what is addressed to nobody else" }),
        agents: agentIds.optional(),
        title: line(200).optional().openapi({ description: "without one, the first message gives it" }),
        private: z.boolean().optional(),
        people: peopleIds.optional(),
      }),
    ),
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
  summary: "Rename or archive a conversation, change who takes part in it",
  middleware: talk,
  request: {
    params,
    body: jsonBody(
      z.object({
        title: line(200).optional(),
        archived: z.boolean().optional(),
        agents: agentIds
          .optional()
          .openapi({ description: "all who may answer; the first one, when the default one is left out" }),
        people: peopleIds.optional().openapi({ description: "all who may see a private conversation" }),
        private: z.boolean().optional(),
        version,
      }),
    ),
  },
  responses: { 200: answer(sessionShape, "The conversation, as changed") },
});

const read = createRoute({
  method: "post",
  path: `${PATH}/{sessionId}/read`,
  summary: "Say how far you have read",
  middleware: policy({ auth: "person", scope: "company", minRole: "viewer", mutates: true }),
  request: { params, body: jsonBody(z.object({ seq: z.number().int().min(0) })) },
  responses: { 200: answer(z.object({ seq: z.number().int() }), "The furthest you have read") },
});

function whoIs(c: AppContext): { company: string; user: string } {
  return { company: membershipOf(c).company, user: identityOf(c).user.id };
}

/** @throws 404 also for conversations of other companies and other people */
async function requireSession(c: AppContext, session: string): Promise<SessionOut> {
  const found = await findSession(c.get("services").read, whoIs(c), session);
  if (!found) throw notFound();
  return found;
}

const SEPARATOR = "~";
const placeOf = (session: SessionOut) => `${session.lastMessageAt ?? session.createdAt}${SEPARATOR}${session.id}`;

/** Privacy that came later would not cover what everybody has read; taken away, it would show what few were told. */
function privacyIsForGood(): ApiError {
  const message = "A conversation is private from its beginning or never. Begin a new one.";
  return new ApiError(422, "not_supported", message);
}

export function sessionRoutes() {
  return newRouter()
    .openapi(list, async (c) => {
      const { limit, cursor, archived, q } = c.req.valid("query");
      const [at, below] = cursor?.split(SEPARATOR) ?? [];
      if (cursor !== undefined && !(at && below)) throw invalid("cursor", "This cursor is not one of ours.");
      const found = await readSessions(c.get("services").read, whoIs(c), {
        sql: `(s.archived_at IS NULL) = ?
          AND (? IS NULL OR instr(lower(s.title), lower(?)) > 0 OR EXISTS (SELECT 1 FROM messages m
            WHERE m.session = s.id AND m.deleted = 0 AND instr(lower(m.text), lower(?)) > 0))
          AND (? IS NULL OR (coalesce(s.last_message_at, s.created_at), s.id) < (?, ?))
          ORDER BY coalesce(s.last_message_at, s.created_at) DESC, s.id DESC LIMIT ?`,
        args: [
          archived === "1" ? 0 : 1,
          q ?? null,
          q ?? null,
          // Texts are stored as JSON: a quote is escaped there.
          q === undefined ? null : JSON.stringify(q).slice(1, -1),
          at ?? null,
          at ?? null,
          below ?? null,
          limit + 1,
        ],
      });
      return c.json(cutPage(found, limit, placeOf), 200);
    })
    .openapi(create, async (c) => {
      const { read: db, clock } = c.get("services");
      const { company, user } = whoIs(c);
      const { agentId, agents = [], title, private: isPrivate = false, people } = c.req.valid("json");
      if (people && !isPrivate) throw invalid("people", "Only a private conversation names its people.");
      const [agent] = await requireAgents(db, company, [agentId], "agentId");
      const others = await requireAgents(db, company, agents, "agents");
      if (!agent) throw notFound();
      const session: SessionOut = {
        id: newId("ss", clock.now()),
        agent: agent.id,
        agentName: agent.name,
        agents: [agent, ...others.filter((other) => other.id !== agent.id)].slice(0, LIMITS.sessionAgents),
        title: title ?? UNTITLED,
        private: isPrivate,
        people: isPrivate ? await requirePeople(db, company, [user, ...(people ?? [])]) : undefined,
        archived: false,
        version: 1,
        createdBy: actorRefOf(identityOf(c)).id,
        createdAt: new Date(clock.now()).toISOString(),
        lastMessageAt: null,
        unread: 0,
      };
      await insertSession(c, session, title !== undefined);
      return c.json(session, 201);
    })
    .openapi(get, async (c) => c.json(await requireSession(c, c.req.valid("param").sessionId), 200))
    .openapi(patch, async (c) => {
      const before = await requireSession(c, c.req.valid("param").sessionId);
      const { version: seen, private: isPrivate, ...changes } = c.req.valid("json");
      if (isPrivate !== undefined && isPrivate !== before.private) throw privacyIsForGood();
      const session = { ...(await changed(c, before, changes)), version: seen + 1 };
      await updateSession(c, { ...before, version: seen }, session, changes);
      return c.json(session, 200);
    })
    .openapi(read, async (c) => {
      const { read: db, write } = c.get("services");
      const { company, user } = whoIs(c);
      const { sessionId } = c.req.valid("param");
      await requireSeen(db, company, user, sessionId);
      const [result] = await write(({ now }) => [
        {
          sql: `INSERT INTO session_reads (session, user, seq, at) SELECT id, ?, ?, ? FROM sessions WHERE id = ?
            ON CONFLICT (session, user) DO UPDATE SET seq = max(seq, excluded.seq), at = excluded.at RETURNING seq`,
          args: [user, c.req.valid("json").seq, now, sessionId],
        },
      ]);
      return c.json({ seq: Number(result?.rows[0]?.seq ?? 0) }, 200);
    });
}

/** The conversation after a change. @throws 400 for agents and people that are not there */
async function changed(c: AppContext, before: SessionOut, { agents, people, ...plain }: SessionChanges): Promise<SessionOut> {
  const { read: db } = c.get("services");
  const { company } = membershipOf(c);
  const after: SessionOut = { ...before, ...plain };
  if (agents) {
    after.agents = await requireAgents(db, company, agents, "agents");
    const chief = after.agents.find((agent) => agent.id === before.agent) ?? after.agents[0];
    if (chief) Object.assign(after, { agent: chief.id, agentName: chief.name });
  }
  if (people) {
    if (!before.private) throw invalid("people", "Only a private conversation names its people.");
    after.people = await requirePeople(db, company, people);
  }
  return after;
}
