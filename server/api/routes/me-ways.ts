/** The ways into the caller's account, for the page that manages them. */
import { createRoute, z } from "@hono/zod-openapi";
import { PROVIDERS } from "../../auth/oidc/settings.ts";
import { NO_PASSWORD } from "../../auth/passwords.ts";
import { identityOf } from "../context.ts";
import { id, time } from "../fields.ts";
import { policy } from "../route.ts";
import { answer, newRouter } from "../router.ts";

const passkey = z
  .object({
    id,
    name: z.string(),
    /** kept by a service that carries it to other devices */
    synced: z.boolean(),
    createdAt: time,
    lastUsedAt: time.nullable(),
  })
  .openapi("Passkey");
const linked = z
  .object({ id, provider: z.enum(PROVIDERS), email: z.string(), createdAt: time, lastUsedAt: time.nullable() })
  .openapi("LinkedSignIn");

const get = createRoute({
  method: "get",
  path: "/api/me/ways-in",
  summary: "How I can sign in",
  middleware: policy({ auth: "person", scope: "self", minRole: null, mutates: false }),
  responses: {
    200: answer(
      z.object({
        password: z.boolean(),
        /** a link that was mailed to the address was used */
        emailVerified: z.boolean(),
        passkeys: z.array(passkey),
        linked: z.array(linked),
      }),
      "Password, passkeys, linked sign-ins",
    ),
  },
});

export function meWayRoutes() {
  return newRouter().openapi(get, async (c) => {
    const { read } = c.get("services");
    const args = [identityOf(c).user.id];
    const [me, keys, links] = await Promise.all([
      read.execute({ sql: "SELECT password_hash, email_verified_at FROM users WHERE id = ?", args }),
      read.execute({ sql: "SELECT id, name, synced, created_at, last_used_at FROM passkeys WHERE user = ? ORDER BY id", args }),
      read.execute({
        sql: "SELECT id, provider, email, created_at, last_used_at FROM linked_sign_ins WHERE user = ? ORDER BY id",
        args,
      }),
    ]);
    const passkeys = keys.rows.map((row) => ({
      id: String(row.id),
      name: String(row.name),
      synced: row.synced === 1,
      createdAt: String(row.created_at),
      lastUsedAt: row.last_used_at === null ? null : String(row.last_used_at),
    }));
    const signIns = links.rows.flatMap((row) => {
      const provider = PROVIDERS.find((known) => known === row.provider);
      const lastUsedAt = row.last_used_at === null ? null : String(row.last_used_at);
      return provider
        ? [{ id: String(row.id), provider, email: String(row.email), createdAt: String(row.created_at), lastUsedAt }]
        : [];
    });
    const row = me.rows[0];
    return c.json(
      {
        password: row?.password_hash !== NO_PASSWORD,
        emailVerified: row?.email_verified_at !== null,
        passkeys,
        linked: signIns,
      },
      200,
    );
  });
}
