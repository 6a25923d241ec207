/** Where the caller is signed in, and signing out there. */
import { createRoute, z } from "@hono/zod-openapi";
import { endSessions } from "../../auth/end-sessions.ts";
import { type AppContext, identityOf } from "../context.ts";
import { notFound } from "../errors.ts";
import { time } from "../fields.ts";
import { policy } from "../route.ts";
import { answer, newRouter } from "../router.ts";

const revoke = policy({ auth: "browser", scope: "self", minRole: null, mutates: true, whenFull: "allow" });

const session = z
  .object({
    id: z.string(),
    /** the browser's own name for itself */
    device: z.string(),
    createdAt: time,
    /** within some minutes */
    lastSeenAt: time,
    /** the network it was last seen from, `203.0.113.x`; the whole address is not kept */
    network: z.string().nullable(),
    expiresAt: time,
    current: z.boolean(),
  })
  .openapi("BrowserSession");

const list = createRoute({
  method: "get",
  path: "/api/me/sessions",
  summary: "Where I am signed in",
  middleware: policy({ auth: "person", scope: "self", minRole: null, mutates: false }),
  responses: { 200: answer(z.object({ items: z.array(session) }), "Browser sessions, the one used last first") },
});

const endOne = createRoute({
  method: "delete",
  path: "/api/me/sessions/{deviceId}",
  summary: "Sign one device out",
  middleware: revoke,
  request: { params: z.object({ deviceId: z.string().max(64) }) },
  responses: { 204: { description: "Signed out; its sockets close within two seconds" } },
});

const endOthers = createRoute({
  method: "delete",
  path: "/api/me/sessions",
  summary: "Sign out everywhere else",
  middleware: revoke,
  responses: { 200: answer(z.object({ ended: z.number().int() }), "How many sessions ended") },
});

export function meDeviceRoutes() {
  return newRouter()
    .openapi(list, async (c) => {
      const { user, via } = identityOf(c);
      const { read, clock } = c.get("services");
      const { rows } = await read.execute({
        sql: `SELECT id_hash, device, created_at, expires_at, coalesce(last_seen_at, created_at) AS seen_at, network
          FROM auth_sessions WHERE user = ? AND expires_at > ? ORDER BY seen_at DESC`,
        args: [user.id, new Date(clock.now()).toISOString()],
      });
      const items = rows.map((row) => ({
        id: String(row.id_hash),
        device: String(row.device),
        createdAt: String(row.created_at),
        lastSeenAt: String(row.seen_at),
        network: row.network === null ? null : String(row.network),
        expiresAt: String(row.expires_at),
        current: via.kind === "session" && via.idHash === row.id_hash,
      }));
      return c.json({ items }, 200);
    })
    .openapi(endOne, async (c) => {
      const { deviceId } = c.req.valid("param");
      if (!(await sessionsOf(c)).includes(deviceId)) throw notFound();
      await endSessions(c.get("services"), identityOf(c), [deviceId]);
      return c.body(null, 204);
    })
    .openapi(endOthers, async (c) => c.json({ ended: await endOtherSessions(c) }, 200));
}

/** Ends every session of the caller but the one that asks; tells how many. */
export async function endOtherSessions(c: AppContext): Promise<number> {
  const identity = identityOf(c);
  const current = identity.via.kind === "session" ? identity.via.idHash : "";
  const others = (await sessionsOf(c)).filter((one) => one !== current);
  await endSessions(c.get("services"), identity, others);
  return others.length;
}

async function sessionsOf(c: AppContext): Promise<string[]> {
  const { rows } = await c.get("services").read.execute({
    sql: "SELECT id_hash FROM auth_sessions WHERE user = ?",
    args: [identityOf(c).user.id],
  });
  return rows.map((row) => String(row.id_hash));
}
