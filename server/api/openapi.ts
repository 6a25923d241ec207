/** The OpenAPI document, made from the routes at the first request and then kept. */
import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { AppEnv } from "./context.ts";

const errorBody = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string(),
      details: z.record(z.string(), z.unknown()).optional(),
      requestId: z.string(),
    }),
  })
  .openapi("Error", { description: "Every answer with a status of 400 or more" });

/** @param version of Atrium */
export function openApiDocument(routes: Pick<OpenAPIHono<AppEnv>, "openAPIRegistry" | "getOpenAPI31Document">, version: string) {
  routes.openAPIRegistry.register("Error", errorBody);
  routes.openAPIRegistry.registerComponent("securitySchemes", "session", {
    type: "apiKey",
    in: "cookie",
    name: "atrium_session",
  });
  routes.openAPIRegistry.registerComponent("securitySchemes", "key", { type: "http", scheme: "bearer" });
  let document: ReturnType<typeof routes.getOpenAPI31Document> | undefined;
  return () => {
    document ??= routes.getOpenAPI31Document({
      openapi: "3.1.0",
      info: { title: "Atrium", version },
      security: [{ session: [] }, { key: [] }],
    });
    return document;
  };
}
