/** What is said in a conversation. A message is answered for after its room has stored it. */
import { createRoute, z } from "@hono/zod-openapi";
import { messageText, type RoomCommand } from "../../../../party/protocol/commands.ts";
import { LIMITS } from "../../../../party/protocol/limits.ts";
import { message } from "../../../../party/protocol/session.ts";
import { type AppContext, identityOf, membershipOf } from "../../context.ts";
import { invalid } from "../../errors.ts";
import { cutPage, id, pageOf, pageQuery } from "../../fields.ts";
import { policy } from "../../route.ts";
import { answer, companyParams, jsonBody, newRouter } from "../../router.ts";
import { commandPolicy, type Done, sendCommand } from "../commands.ts";
import { readRef } from "../refs.ts";
import { attach } from "../sessions/attach.ts";
import { fromMessage, knownMessages, listMessages, messageShape } from "../sessions/messages.ts";
import { requireSeen } from "../sessions/visible.ts";

const PATH = "/api/companies/{companyId}/sessions/{sessionId}";
const params = companyParams.extend({ sessionId: id });
const messageParams = params.extend({ messageId: id });
const stored = answer(z.object({ seq: z.number().int() }), "Stored by the conversation's room");
const posted = z.object({ message });

const list = createRoute({
  method: "get",
  path: `${PATH}/messages`,
  summary: "Messages, newest first",
  middleware: policy({ auth: "person", scope: "company", minRole: "viewer", mutates: false }),
  request: { params, query: pageQuery },
  responses: { 200: answer(pageOf(messageShape).extend({ stale: z.literal(true).optional() }), "A page of messages") },
});

const post = createRoute({
  method: "post",
  path: `${PATH}/messages`,
  summary: "Say something",
  middleware: commandPolicy("message.post"),
  request: {
    params,
    body: jsonBody(
      z.object({
        text: messageText,
        attachments: z.array(id).max(LIMITS.attachments).optional().openapi({ description: "ids of files" }),
        replyTo: id.optional(),
        mentions: z.array(id).max(LIMITS.sessionAgents).optional().openapi({ description: "agents asked to answer" }),
      }),
    ),
  },
  responses: { 201: answer(messageShape, "The message, stored") },
});

const edit = createRoute({
  method: "patch",
  path: `${PATH}/messages/{messageId}`,
  summary: "Change what you said",
  middleware: commandPolicy("message.edit"),
  request: { params: messageParams, body: jsonBody(z.object({ text: messageText })) },
  responses: { 200: stored },
});

const remove = createRoute({
  method: "delete",
  path: `${PATH}/messages/{messageId}`,
  summary: "Take back what you said",
  middleware: commandPolicy("message.delete"),
  request: { params: messageParams },
  responses: { 200: stored },
});

const retry = createRoute({
  method: "post",
  path: `${PATH}/messages/{messageId}/retry`,
  summary: "Ask the agents of a message once more",
  middleware: commandPolicy("message.retry"),
  request: { params: messageParams },
  responses: { 200: stored },
});

const ref = createRoute({
  method: "get",
  path: `${PATH}/refs/{ref}`,
  summary: "The whole of a long message",
  middleware: policy({ auth: "person", scope: "company", minRole: "viewer", mutates: false }),
  request: { params: params.extend({ ref: id }) },
  responses: { 200: { description: "The text", content: { "text/plain": { schema: z.string() } } } },
});

const stop = createRoute({
  method: "post",
  path: `${PATH}/stop`,
  summary: "Stop an answer, or all of the conversation",
  middleware: commandPolicy("answer.stop"),
  request: { params, query: z.object({ run: id.optional() }) },
  responses: { 200: stored },
});

const takeOver = createRoute({
  method: "post",
  path: `${PATH}/take-over`,
  summary: "Answer in place of the agents: they stop, and stay silent",
  middleware: commandPolicy("session.takeOver"),
  request: { params },
  responses: { 200: stored },
});

const handBack = createRoute({
  method: "post",
  path: `${PATH}/hand-back`,
  summary: "Let the agents answer again",
  middleware: commandPolicy("session.handBack"),
  request: { params },
  responses: { 200: stored },
});

/** @throws 404 also for conversations of other companies and other people */
async function requireSession(c: AppContext, session: string): Promise<void> {
  await requireSeen(c.get("services").read, membershipOf(c).company, identityOf(c).user.id, session);
}

/** @param about messages the command is about: the room gets them as the archive has them */
async function tell(c: AppContext, session: string, command: RoomCommand, ...about: string[]): Promise<Done> {
  await requireSession(c, session);
  const known = about.length > 0 ? await knownMessages(c.get("services").read, session, about) : undefined;
  return sendCommand(c, "session", session, command, known);
}

export function messageRoutes() {
  return newRouter()
    .openapi(list, async (c) => {
      const { read, rooms } = c.get("services");
      const { sessionId } = c.req.valid("param");
      const { limit, cursor } = c.req.valid("query");
      const below = cursor === undefined ? undefined : Number(cursor);
      if (below !== undefined && !Number.isSafeInteger(below)) throw invalid("cursor", "This cursor is not one of ours.");
      await requireSession(c, sessionId);
      const { messages, stale } = await listMessages(read, rooms, sessionId, below, limit + 1);
      return c.json({ ...cutPage(messages, limit, ({ seq }) => String(seq)), stale: stale || undefined }, 200);
    })
    .openapi(post, async (c) => {
      const { read, write } = c.get("services");
      const { sessionId } = c.req.valid("param");
      const { attachments: files = [], ...said } = c.req.valid("json");
      await requireSession(c, sessionId);
      const place = { company: membershipOf(c).company, user: identityOf(c).user.id, session: sessionId };
      const attachments = files.length > 0 ? await attach(read, write, place, files) : undefined;
      const about = said.replyTo === undefined ? [] : [said.replyTo];
      const { seq, result } = await tell(c, sessionId, { type: "message.post", ...said, attachments }, ...about);
      return c.json(fromMessage(seq, posted.parse(result).message), 201);
    })
    .openapi(edit, async (c) => {
      const { sessionId, messageId } = c.req.valid("param");
      const { text } = c.req.valid("json");
      const { seq } = await tell(c, sessionId, { type: "message.edit", message: messageId, text }, messageId);
      return c.json({ seq }, 200);
    })
    .openapi(remove, async (c) => {
      const { sessionId, messageId } = c.req.valid("param");
      const { seq } = await tell(c, sessionId, { type: "message.delete", message: messageId }, messageId);
      return c.json({ seq }, 200);
    })
    .openapi(retry, async (c) => {
      const { sessionId, messageId } = c.req.valid("param");
      const { seq } = await tell(c, sessionId, { type: "message.retry", message: messageId }, messageId);
      return c.json({ seq }, 200);
    })
    .openapi(ref, async (c) => {
      const { sessionId, ref: name } = c.req.valid("param");
      await requireSession(c, sessionId);
      return c.text(await readRef(c.get("services"), "session", sessionId, name), 200);
    })
    .openapi(stop, async (c) => {
      const { seq } = await tell(c, c.req.valid("param").sessionId, { type: "answer.stop", ...c.req.valid("query") });
      return c.json({ seq }, 200);
    })
    .openapi(takeOver, async (c) => {
      const { seq } = await tell(c, c.req.valid("param").sessionId, { type: "session.takeOver" });
      return c.json({ seq }, 200);
    })
    .openapi(handBack, async (c) => {
      const { seq } = await tell(c, c.req.valid("param").sessionId, { type: "session.handBack" });
      return c.json({ seq }, 200);
    });
}
