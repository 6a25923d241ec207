/** One line per request at level debug. The route's pattern and not the path: queries may carry tokens, paths name people. */
import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { AppEnv } from "../context.ts";

export const accessLog: MiddlewareHandler<AppEnv> = async (c, next) => {
  const start = performance.now();
  await next();
  const { log } = c.get("services");
  const ms = Math.round(performance.now() - start);
  log.debug({ requestId: c.get("requestId"), method: c.req.method, route: routePath(c), status: c.res.status, ms }, "answered");
};
