/** What the command line on the server asks of a running instance: this process is the only one that writes the database. */
import { createRoute, z } from "@hono/zod-openapi";
import { OPERATOR } from "../../../auth/reset.ts";
import { operate, operatorAnswer, operatorRequest } from "../../../cli/operator.ts";
import { policy } from "../../route.ts";
import { answer, jsonBody, newRouter } from "../../router.ts";

const internal = { auth: "internal", scope: "instance", minRole: null, mutates: true } as const;

const operator = createRoute({
  method: "post",
  path: "/internal/operator",
  summary: "Make an account, a link that sets a password, or an API key",
  middleware: policy(internal),
  request: { body: jsonBody(operatorRequest) },
  responses: { 200: answer(operatorAnswer, "What was made, or why not") },
});

const stopped = z.object({ id: z.string(), name: z.string(), ok: z.boolean() });

const stopEverything = createRoute({
  method: "post",
  path: "/internal/stop-everything",
  summary: "Stop every run and pause every agent, in every company",
  middleware: policy({ ...internal, whenFull: "allow" }),
  request: { body: jsonBody(z.object({})) },
  responses: { 200: answer(z.object({ companies: z.array(stopped) }), "Which rooms have stored it") },
});

export function commandLineRoutes() {
  return newRouter()
    .openapi(operator, async (c) => c.json(await operate(c.get("services"), c.req.valid("json")), 200))
    .openapi(stopEverything, async (c) => {
      const { read, rooms } = c.get("services");
      const { rows } = await read.execute("SELECT id, name FROM companies ORDER BY name");
      const companies = await Promise.all(
        rows.map(async (row) => {
          const id = String(row.id);
          const { ok } = await rooms.send("company", id, {
            id: crypto.randomUUID(),
            body: { op: "command", actor: { ...OPERATOR, role: "owner", rights: 0 }, command: { type: "stop.everything" } },
          });
          return { id, name: String(row.name), ok };
        }),
      );
      return c.json({ companies }, 200);
    });
}
