/** Names each request, so that an answer, the log and a person's report can be put together. */
import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "../context.ts";

/** A caller may name its own request, with characters that cannot harm a log. */
const GIVEN = /^[A-Za-z0-9_-]{8,64}$/;

export const requestId: MiddlewareHandler<AppEnv> = async (c, next) => {
  const given = c.req.header("x-request-id");
  c.set("requestId", given && GIVEN.test(given) ? given : crypto.randomUUID());
  await next();
  c.header("x-request-id", c.get("requestId"));
};
