/** What people ask of an agent: work, pause, resume. Its configuration is a record and lives elsewhere. */
import { createRoute, z } from "@hono/zod-openapi";
import { type RoomCommand, text } from "../../../../party/protocol/commands.ts";
import { type AppContext, membershipOf } from "../../context.ts";
import { notFound } from "../../errors.ts";
import { id } from "../../fields.ts";
import { answer, companyParams, jsonBody, newRouter } from "../../router.ts";
import { commandPolicy, type Done, sendCommand } from "../commands.ts";
import { ownerOfRoom } from "../room-owner.ts";

const params = companyParams.extend({ agentId: id });
const PATH = "/api/companies/{companyId}/agents/{agentId}";
const stored = answer(z.object({ seq: z.number().int() }), "Stored by the agent's room");
const queued = z.object({ runId: id, merged: z.boolean().optional() });

const wake = createRoute({
  method: "post",
  path: `${PATH}/wake`,
  summary: "Ask an agent to work",
  description: "409 says why it will not: `paused`, `budget`, `loop`, `retired` or `stopped`. In a conversation, post a message.",
  middleware: commandPolicy("run.wake"),
  // Strict: a run about nothing must not stand for one that was asked for about something.
  request: { params, body: jsonBody(z.strictObject({ prompt: text })) },
  responses: {
    202: answer(queued, "The run, queued; `merged` when it joined one that has not started"),
  },
});

const pause = createRoute({
  method: "post",
  path: `${PATH}/pause`,
  summary: "Pause an agent: it starts no new run; what runs goes on to its end",
  middleware: commandPolicy("agent.pause"),
  request: {
    params,
    body: { content: { "application/json": { schema: z.object({ note: z.string().max(500).optional() }) } }, required: false },
  },
  responses: { 200: stored },
});

const resume = createRoute({
  method: "post",
  path: `${PATH}/resume`,
  summary: "Let a paused agent work again",
  middleware: commandPolicy("agent.resume"),
  request: { params },
  responses: { 200: stored },
});

/** Sends a command to an agent of the company in the path. */
async function tell(c: AppContext, agent: string, command: RoomCommand): Promise<Done> {
  const { company } = membershipOf(c);
  const owner = await ownerOfRoom(c.get("services").read, "agent", agent);
  // What an agent does for a private conversation is asked for there.
  if (owner.company !== company || owner.session !== undefined) throw notFound();
  return sendCommand(c, "agent", agent, command);
}

export function agentRoutes() {
  return newRouter()
    .openapi(wake, async (c) => {
      const { prompt } = c.req.valid("json");
      const { result } = await tell(c, c.req.valid("param").agentId, { type: "run.wake", prompt });
      return c.json(queued.parse(result), 202);
    })
    .openapi(pause, async (c) => {
      const { note } = c.req.valid("json") ?? {};
      const { seq } = await tell(c, c.req.valid("param").agentId, { type: "agent.pause", note });
      return c.json({ seq }, 200);
    })
    .openapi(resume, async (c) => {
      const { seq } = await tell(c, c.req.valid("param").agentId, { type: "agent.resume" });
      return c.json({ seq }, 200);
    });
}
