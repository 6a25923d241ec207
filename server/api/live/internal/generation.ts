/** `POST /internal/archive/head`: a room of a restored data folder asks how far it had come. */
import { createRoute, z } from "@hono/zod-openapi";
import { archiveHeadAnswer, archiveHeadRequest } from "../../../../party/protocol/archive-head.ts";
import { policy } from "../../route.ts";
import { answer, jsonBody, newRouter } from "../../router.ts";

const head = createRoute({
  method: "post",
  path: "/internal/archive/head",
  summary: "The highest seq the archive holds of a room",
  middleware: policy({ auth: "internal", scope: "instance", minRole: null, mutates: false }),
  request: { body: jsonBody(archiveHeadRequest) },
  responses: { 200: answer(archiveHeadAnswer, "0 when it holds none") },
});

const found = z.object({ head: z.number().int().nullable() });

export function generationRoutes() {
  return newRouter().openapi(head, async (c) => {
    const { party, room } = c.req.valid("json");
    const { rows } = await c.get("services").read.execute({
      sql: "SELECT max(seq) AS head FROM room_events WHERE room_party = ? AND room = ?",
      args: [party, room],
    });
    return c.json({ head: found.parse(rows[0]).head ?? 0 }, 200);
  });
}
