/** The caller's API keys. */
import { createRoute, z } from "@hono/zod-openapi";
import { INSTANCE_CHAIN } from "../../../db/audit.ts";
import { WriteRefused } from "../../../db/errors.ts";
import { makeApiKey } from "../../auth/api-keys.ts";
import { revokeApiKey } from "../../auth/end-sessions.ts";
import { actorRefOf, identityOf } from "../context.ts";
import { notFound } from "../errors.ts";
import { id, line, time } from "../fields.ts";
import { policy } from "../route.ts";
import { answer, jsonBody, newRouter } from "../router.ts";

const read = policy({ auth: "person", scope: "self", minRole: null, mutates: false });
const secure = policy({ auth: "browser", scope: "self", minRole: null, mutates: true });
const revoke = policy({ auth: "browser", scope: "self", minRole: null, mutates: true, whenFull: "allow" });

const apiKey = z
  .object({ id, name: z.string(), prefix: z.string(), createdAt: time, lastUsedAt: time.nullable() })
  .openapi("ApiKey");

const listKeys = createRoute({
  method: "get",
  path: "/api/me/api-keys",
  summary: "My API keys",
  middleware: read,
  responses: { 200: answer(z.object({ items: z.array(apiKey) }), "Without their secrets") },
});

const createKey = createRoute({
  method: "post",
  path: "/api/me/api-keys",
  summary: "Make an API key",
  middleware: secure,
  request: { body: jsonBody(z.object({ name: line(80) })) },
  responses: { 201: answer(z.object({ id, key: z.string() }), "The key, shown once") },
});

const deleteKey = createRoute({
  method: "delete",
  path: "/api/me/api-keys/{keyId}",
  summary: "Revoke an API key at once",
  middleware: revoke,
  request: { params: z.object({ keyId: id }) },
  responses: { 204: { description: "Revoked" } },
});

export function meKeyRoutes() {
  return newRouter()
    .openapi(listKeys, async (c) => {
      const { rows } = await c.get("services").read.execute({
        sql: "SELECT id, name, prefix, created_at, last_used_at FROM api_keys WHERE user = ? ORDER BY id DESC",
        args: [identityOf(c).user.id],
      });
      const items = rows.map((row) => ({
        id: String(row.id),
        name: String(row.name),
        prefix: `atk_${row.prefix}`,
        createdAt: String(row.created_at),
        lastUsedAt: row.last_used_at === null ? null : String(row.last_used_at),
      }));
      return c.json({ items }, 200);
    })
    .openapi(createKey, async (c) => {
      const { write: save, clock } = c.get("services");
      const identity = identityOf(c);
      const { name } = c.req.valid("json");
      const made = makeApiKey(clock.now());
      await save(
        ({ now, activity }) => [
          {
            sql: "INSERT INTO api_keys (id, user, name, prefix, hash, created_at) VALUES (?, ?, ?, ?, ?, ?)",
            args: [made.id, identity.user.id, name, made.prefix, made.hash, now],
          },
          activity({
            chain: INSTANCE_CHAIN,
            actor: actorRefOf(identity),
            action: "api_key.created",
            subject: { kind: "api_key", id: made.id },
            data: { name },
          }),
        ],
        { chains: [INSTANCE_CHAIN] },
      );
      c.set("holdsSecret", true);
      return c.json({ id: made.id, key: made.key }, 201);
    })
    .openapi(deleteKey, async (c) => {
      await revokeApiKey(c.get("services"), identityOf(c), c.req.valid("param").keyId).catch((error: unknown) => {
        throw error instanceof WriteRefused && error.code === "not_found" ? notFound() : error;
      });
      return c.body(null, 204);
    });
}
