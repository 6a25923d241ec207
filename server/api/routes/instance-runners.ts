/** Runners on other machines: letting one in, seeing them, taking the key away. For owners of the instance. */
import { createRoute, z } from "@hono/zod-openapi";
import { addressKey, beginAttempt } from "../../auth/lockout.ts";
import { enrol, listRunners, makeEnrolment, revokeRunner } from "../../runners/enrolment.ts";
import { actorRefOf, identityOf } from "../context.ts";
import { ApiError, notFound } from "../errors.ts";
import { id, line, time } from "../fields.ts";
import { liveOf } from "../live/state.ts";
import { originOf } from "../origin.ts";
import { policy } from "../route.ts";
import { answer, jsonBody, newRouter } from "../router.ts";

const change = policy({ auth: "browser", scope: "instance", minRole: null, mutates: true });

const list = createRoute({
  method: "get",
  path: "/api/instance/runners",
  summary: "Machines that carry out runs elsewhere",
  middleware: policy({ auth: "browser", scope: "instance", minRole: null, mutates: false }),
  responses: {
    200: answer(
      z.object({ items: z.array(z.object({ id, name: z.string(), createdAt: time, lastSeenAt: time.nullable() })) }),
      "Newest first; the runner this instance starts itself is not among them",
    ),
  },
});

const invite = createRoute({
  method: "post",
  path: "/api/instance/runners",
  summary: "Make a token that lets one machine in",
  middleware: change,
  responses: {
    201: answer(
      z.object({ token: z.string(), command: z.string(), expiresAt: time }),
      "Shown once; run `command` on the machine",
    ),
  },
});

const revoke = createRoute({
  method: "delete",
  path: "/api/instance/runners/{remoteRunnerId}",
  summary: "Take a machine's key away",
  middleware: policy({ auth: "browser", scope: "instance", minRole: null, mutates: true, whenFull: "allow" }),
  request: { params: z.object({ remoteRunnerId: id }) },
  responses: {
    204: { description: "It is let in no more; what it carries out goes to another runner when its leases are over" },
  },
});

const join = createRoute({
  method: "post",
  path: "/api/runners/enrol",
  summary: "Turn a token into a machine's key",
  middleware: policy({ auth: "none", scope: "public", minRole: null, mutates: true }),
  request: { body: jsonBody(z.object({ token: z.string().min(20).max(100), name: line(80) })) },
  responses: { 201: answer(z.object({ id, key: z.string() }), "Shown once") },
});

export function instanceRunnerRoutes() {
  return newRouter()
    .openapi(list, async (c) => c.json({ items: await listRunners(c.get("services").read) }, 200))
    .openapi(invite, async (c) => {
      const { write, clock } = c.get("services");
      const { token, expiresAt } = await makeEnrolment(write, actorRefOf(identityOf(c)), clock.now());
      const command = `npm start -- --only runner --join ${originOf(c)}#${token}`;
      return c.json({ token, command, expiresAt }, 201);
    })
    .openapi(revoke, async (c) => {
      const { remoteRunnerId } = c.req.valid("param");
      if (!(await revokeRunner(c.get("services").write, remoteRunnerId, actorRefOf(identityOf(c))))) throw notFound();
      liveOf(c.get("services")).remote.cut(remoteRunnerId);
      return c.body(null, 204);
    })
    .openapi(join, async (c) => {
      const services = c.get("services");
      const { token, name } = c.req.valid("json");
      const attempt = await beginAttempt(services, [addressKey(c.get("address"))]);
      const joined = await enrol(services.write, token, name, services.clock.now());
      if (!joined) throw new ApiError(403, "unknown_token", "This token is spent, too old, or was never made. Make a new one.");
      await services.write(() => attempt.succeeded());
      return c.json(joined, 201);
    });
}
