/** The emergency brake of a company. */
import { createRoute, z } from "@hono/zod-openapi";
import { membershipOf } from "../../context.ts";
import { answer, companyParams, newRouter } from "../../router.ts";
import { commandPolicy, sendCommand } from "../commands.ts";

const stopEverything = createRoute({
  method: "post",
  path: "/api/companies/{companyId}/stop-everything",
  summary: "Stop every run and pause every agent",
  middleware: commandPolicy("stop.everything"),
  request: { params: companyParams },
  responses: { 202: answer(z.object({ seq: z.number().int() }), "The company's room has told its agents") },
});

export function stopRoutes() {
  return newRouter().openapi(stopEverything, async (c) => {
    const { seq } = await sendCommand(c, "company", membershipOf(c).company, { type: "stop.everything" });
    return c.json({ seq }, 202);
  });
}
