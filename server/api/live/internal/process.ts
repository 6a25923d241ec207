/** What the launcher asks of the api process itself. */
import { createRoute, z } from "@hono/zod-openapi";
import { policy } from "../../route.ts";
import { answer, newRouter } from "../../router.ts";
import type { Services } from "../../services.ts";
import type { Live } from "../state.ts";

const closePublic = createRoute({
  method: "post",
  path: "/internal/close-public",
  summary: "Take no more visitors: the instance stops",
  middleware: policy({ auth: "internal", scope: "instance", minRole: null, mutates: true, whenFull: "allow" }),
  responses: { 200: answer(z.object({ viewers: z.number().int() }), "Sockets that are still open") },
});

const runner = z.object({
  runner: z.string(),
  slots: z.number().int(),
  sandbox: z.string(),
  running: z.array(z.string()),
  quietMs: z.number(),
});

const state = createRoute({
  method: "get",
  path: "/internal/state",
  summary: "What the process holds right now",
  middleware: policy({ auth: "internal", scope: "instance", minRole: null, mutates: false }),
  responses: {
    200: answer(
      z.object({
        viewers: z.number().int(),
        linksOpen: z.number().int(),
        unanswered: z.number().int(),
        outboxUnderWay: z.number().int(),
        runners: z.array(runner),
      }),
      "Counts, and every connected runner",
    ),
  },
});

export function processRoutes({ rooms, log }: Services, live: Live) {
  return newRouter()
    .openapi(closePublic, (c) => {
      log.info("the public port closes");
      live.splicer.refuseNew();
      live.closing.abort();
      live.closePublic();
      return c.json({ viewers: live.splicer.open }, 200);
    })
    .openapi(state, (c) => {
      const { linksOpen, unanswered, outboxUnderWay } = rooms.stats();
      return c.json({ viewers: live.splicer.open, linksOpen, unanswered, outboxUnderWay, runners: live.runners.list() }, 200);
    });
}
