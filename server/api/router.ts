/** How every file of routes begins: a typed router whose refusals of bad input have our form. */
import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { AppEnv } from "./context.ts";
import { ApiError } from "./errors.ts";

/** A router for one resource; mount it with `.route("/", …)`. Paths are written in full. */
export function newRouter(): OpenAPIHono<AppEnv> {
  return new OpenAPIHono<AppEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      const [issue] = result.error.issues;
      const unknown = issue?.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
      const field = [...(issue?.path ?? []), ...unknown].join(".");
      const why = unknown.length > 0 ? "This request has no such field. Leave it out" : (issue?.message ?? "is not valid");
      throw new ApiError(400, "invalid", `${field || "The request"}: ${why}.`, { details: { field } });
    },
  });
}

/** `content` of a JSON request or answer. */
export function json<S extends z.ZodType>(schema: S): { "application/json": { schema: S } } {
  return { "application/json": { schema } };
}

/** A required JSON body. */
export function jsonBody<S extends z.ZodType>(schema: S): { content: { "application/json": { schema: S } }; required: true } {
  return { content: json(schema), required: true };
}

/** An answer in JSON. */
export function answer<S extends z.ZodType>(schema: S, description: string) {
  return { content: json(schema), description };
}

/** Parameters of a path under a company. */
export const companyParams = z.object({ companyId: z.string().max(64) });
