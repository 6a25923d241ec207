/** What is said in a conversation. A message is answered for after its room has stored it. */
import { createRoute, z } from "@hono/zod-openapi";
import { type RoomCommand, text } from "../../../../party/protocol/commands.ts";
import { message } from "../../../../party/protocol/session.ts";
import { type AppContext, membershipOf } from "../../context.ts";
import { invalid, notFound } from "../../errors.ts";
import { cutPage, id, pageOf, pageQuery } from "../../fields.ts";
import { policy } from "../../route.ts";
import { answer, companyParams, jsonBody, newRouter } from "../../router.ts";
import { commandPolicy, type Done, sendCommand } from "../commands.ts";
import { readRef } from "../refs.ts";
import { companyOfRoom } from "../room-owner.ts";
import { fromMessage, listMessages, messageShape } from "../sessions/messages.ts";

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
  request: { params, body: jsonBody(z.object({ text, replyTo: id.optional() })) },
  responses: { 201: answer(messageShape, "The message, stored") },
});

const edit = createRoute({
  method: "patch",
  path: `${PATH}/messages/{messageId}`,
  summary: "Change what you said",
  middleware: commandPolicy("message.edit"),
  request: { params: messageParams, body: jsonBody(z.object({ text })) },
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
  summary: "Stop the answer that is being written",
  middleware: commandPolicy("answer.stop"),
  request: { params },
  responses: { 200: stored },
});

const takeOver = createRoute({
  method: "post",
  path: `${PATH}/take-over`,
  summary: "Answer in place of the agent",
  middleware: commandPolicy("session.takeOver"),
  request: { params },
  responses: { 200: stored },
});

const handBack = createRoute({
  method: "post",
  path: `${PATH}/hand-back`,
  summary: "Let the agent answer again",
  middleware: commandPolicy("session.handBack"),
  request: { params },
  responses: { 200: stored },
});

/** @throws 404 also for conversations of other companies */
async function requireSession(c: AppContext, session: string): Promise<void> {
  const company = await companyOfRoom(c.get("services").read, "session", session);
  if (company !== membershipOf(c).company) throw notFound();
}

async function tell(c: AppContext, session: string, command: RoomCommand): Promise<Done> {
  await requireSession(c, session);
  return sendCommand(c, "session", session, command);
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
      const command = { type: "message.post" as const, ...c.req.valid("json") };
      const { seq, result } = await tell(c, c.req.valid("param").sessionId, command);
      return c.json(fromMessage(seq, posted.parse(result).message), 201);
    })
    .openapi(edit, async (c) => {
      const { sessionId, messageId } = c.req.valid("param");
      const { seq } = await tell(c, sessionId, { type: "message.edit", message: messageId, text: c.req.valid("json").text });
      return c.json({ seq }, 200);
    })
    .openapi(remove, async (c) => {
      const { sessionId, messageId } = c.req.valid("param");
      const { seq } = await tell(c, sessionId, { type: "message.delete", message: messageId });
      return c.json({ seq }, 200);
    })
    .openapi(ref, async (c) => {
      const { sessionId, ref: name } = c.req.valid("param");
      await requireSession(c, sessionId);
      return c.text(await readRef(c.get("services"), "session", sessionId, name), 200);
    })
    .openapi(stop, async (c) => {
      const { seq } = await tell(c, c.req.valid("param").sessionId, { type: "answer.stop" });
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
