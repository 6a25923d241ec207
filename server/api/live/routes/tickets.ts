/** Tickets: one socket into one room, once. Foreign and non-existent rooms answer alike. */
import { randomUUID } from "node:crypto";
import { createRoute, z } from "@hono/zod-openapi";
import { LIMITS } from "../../../../party/protocol/limits.ts";
import { PARTIES, partySegment, signTicket } from "../../../../party/protocol/tickets.ts";
import { socketSession } from "../../../auth/end-sessions.ts";
import { type AppContext, actorRefOf, identityOf } from "../../context.ts";
import { id, time } from "../../fields.ts";
import { requireMembership } from "../../middleware/enforce.ts";
import { policy } from "../../route.ts";
import { answer, jsonBody, newRouter } from "../../router.ts";
import { ownerOfRoom } from "../room-owner.ts";
import { requireSeen } from "../sessions/visible.ts";

const createTicket = createRoute({
  method: "post",
  path: "/api/rooms/tickets",
  summary: "Get a ticket for a room's socket",
  middleware: policy({ auth: "person", scope: "room", minRole: "viewer", mutates: false }),
  request: { body: jsonBody(z.object({ party: z.enum(PARTIES), room: id })) },
  responses: {
    200: answer(
      z.object({ url: z.string(), ticket: z.string(), expiresAt: time }),
      "Connect to `url` with `?ticket=`, and `epoch` and `after` when resuming",
    ),
  },
});

/** Where sockets are: the public address when one is set, else the host the caller used. */
function socketOrigin(c: AppContext): string {
  const { settings } = c.get("services");
  const base = new URL(settings.publicUrl ?? c.req.url);
  return `${base.protocol === "https:" ? "wss" : "ws"}://${base.host}`;
}

export function ticketRoutes() {
  return newRouter().openapi(createTicket, async (c) => {
    const { party, room } = c.req.valid("json");
    const { read, clock, secrets } = c.get("services");
    const identity = identityOf(c);
    const { company, session } = await ownerOfRoom(read, party, room);
    const { role, rights } = await requireMembership(c, company, "viewer");
    const { id: person, name } = actorRefOf(identity);
    if (session !== undefined) await requireSeen(read, company, person, session);
    const expiresAt = clock.now() + LIMITS.ticketMs;
    const ticket = signTicket(secrets.tickets, {
      id: randomUUID(),
      party,
      room,
      company,
      person: { id: person, name },
      role,
      rights,
      session: socketSession(identity.via),
      expiresAt,
    });
    const url = `${socketOrigin(c)}/parties/${partySegment(party)}/${room}`;
    return c.json({ url, ticket, expiresAt: new Date(expiresAt).toISOString() }, 200);
  });
}
