/** A runner asks for the models it may call for one run. The answer holds keys: it is kept and logged nowhere. */
import { createRoute } from "@hono/zod-openapi";
import { and, eq } from "drizzle-orm";
import { agents } from "../../../../db/schema/index.ts";
import { modelAccess, modelAccessRequest } from "../../../models/access.ts";
import { lendModels } from "../../../providers/access.ts";
import { conflict, notFound, unauthenticated } from "../../errors.ts";
import { policy } from "../../route.ts";
import { answer, jsonBody, newRouter } from "../../router.ts";
import { checkRunToken } from "../runners/dispatch.ts";
import { STALE_FENCE } from "../runners/leases.ts";
import type { Live } from "../state.ts";

const access = createRoute({
  method: "post",
  path: "/internal/models/access",
  summary: "The models a run may call, the best first, with their keys",
  middleware: policy({ auth: "internal", scope: "instance", minRole: null, mutates: false }),
  request: { body: jsonBody(modelAccessRequest) },
  responses: { 200: answer(modelAccess, "At least one: the rehearsal where there is no provider") },
});

export function modelAccessRoutes(live: Live) {
  return newRouter().openapi(access, async (c) => {
    const { db, read, secrets, clock, vault } = c.get("services");
    const { run, token } = c.req.valid("json");
    const check = await checkRunToken(read, secrets.rooms, token, run, clock.now());
    if (check.kind === "invalid") throw unauthenticated();
    if (check.kind === "stale") {
      live.staleFences += 1;
      throw conflict(STALE_FENCE, "Another runner has this run now.");
    }
    const { agent, company } = check.claims;
    const [row] = await db
      .select({ model: agents.model })
      .from(agents)
      .where(and(eq(agents.id, agent), eq(agents.company, company)));
    if (!row) throw notFound();
    const lent = await lendModels({ db, vault }, company, row.model);
    if (lent.kind === "sealed") {
      throw conflict(
        "key_sealed",
        `The key of ${lent.provider} cannot be opened on this machine. An admin has to paste it again.`,
      );
    }
    c.header("cache-control", "no-store");
    return c.json(lent.access, 200);
  });
}
