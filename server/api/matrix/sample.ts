/** The smallest body a JSON schema allows, with real ids where it names things: made from the OpenAPI document. */
import { z } from "zod";
import type { Ids } from "./world.ts";

type Schema = z.infer<typeof schema>;
const base = z.object({
  $ref: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  const: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  format: z.string().optional(),
  minLength: z.number().optional(),
  minimum: z.number().optional(),
  required: z.array(z.string()).optional(),
});
const schema = base.extend({
  get properties() {
    return z.record(z.string(), schema).optional();
  },
  get anyOf() {
    return z.array(schema).optional();
  },
  get oneOf() {
    return z.array(schema).optional();
  },
});

const operation = z.object({
  requestBody: z.object({ content: z.object({ "application/json": z.object({ schema }) }) }).optional(),
  parameters: z.array(z.object({ name: z.string(), in: z.string(), required: z.boolean().optional(), schema })).default([]),
});
const document = z.object({
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.object({ schemas: z.record(z.string(), schema).default({}) }),
});
export type ApiDocument = z.infer<typeof document>;

export function readDocument(body: unknown): ApiDocument {
  return document.parse(body);
}

/** Body and query of a route; undefined where it takes none. @param path as in Hono, `/api/companies/:companyId` */
export function sampleRequest(api: ApiDocument, method: string, path: string, ids: Ids): { body: unknown; query: string } {
  const found = api.paths[path.replace(/:(\w+)/g, "{$1}")]?.[method.toLowerCase()];
  const body = found?.requestBody?.content["application/json"].schema;
  const query = new URLSearchParams();
  for (const parameter of found?.parameters ?? []) {
    if (parameter.in === "query" && parameter.required)
      query.set(parameter.name, String(fill(api, parameter.schema, parameter.name, ids)));
  }
  return { body: body && fill(api, body, "", ids), query: query.size === 0 ? "" : `?${query}` };
}

function fill(api: ApiDocument, given: Schema, name: string, ids: Ids): unknown {
  const known = ids[name];
  if (known !== undefined) return known;
  if (given.$ref !== undefined) return fill(api, api.components.schemas[given.$ref.split("/").at(-1) ?? ""] ?? {}, name, ids);
  const first = given.anyOf?.[0] ?? given.oneOf?.[0];
  if (first) return fill(api, first, name, ids);
  if (given.const !== undefined) return given.const;
  if (given.enum) return given.enum[0];
  switch (given.type) {
    case "object":
      return Object.fromEntries(
        (given.required ?? []).map((key) => [key, fill(api, given.properties?.[key] ?? {}, key, ids)] as const),
      );
    case "array":
      return [];
    case "integer":
    case "number":
      return given.minimum ?? 1;
    case "boolean":
      return false;
    case "string":
      return given.format === "email" ? "someone@example.com" : "a".repeat(Math.max(given.minLength ?? 1, 1));
    default:
      return null;
  }
}
