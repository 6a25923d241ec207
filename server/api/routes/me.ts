/** The caller: who they are, their keys, their sessions. */
import { createRoute, z } from "@hono/zod-openapi";
import { INSTANCE_CHAIN } from "../../../db/audit.ts";
import { WriteRefused } from "../../../db/errors.ts";
import type { Statement, UnitContext } from "../../../db/write-queue.ts";
import { makeApiKey } from "../../auth/api-keys.ts";
import { authenticate } from "../../auth/authenticate.ts";
import { endSessions, revokeApiKey } from "../../auth/end-sessions.ts";
import { accountKey, beginAttempt } from "../../auth/lockout.ts";
import { type AppContext, actorRefOf, identityOf } from "../context.ts";
import { forbidden, invalid, notFound } from "../errors.ts";
import { id, line, password, personName, time, timezone } from "../fields.ts";
import { MEMBERSHIPS_CHANGED, membershipsOf, tellRenamed } from "../memberships.ts";
import { policy } from "../route.ts";
import { answer, jsonBody, newRouter } from "../router.ts";
import { user } from "./auth.ts";

const read = policy({ auth: "person", scope: "self", minRole: null, mutates: false });
const write = policy({ auth: "person", scope: "self", minRole: null, mutates: true });
const secure = policy({ auth: "browser", scope: "self", minRole: null, mutates: true });
const revoke = policy({ auth: "browser", scope: "self", minRole: null, mutates: true, whenFull: "allow" });

type Me = { id: string; name: string; timezone: string };
/** tries to save a new name while the person's roles are being changed at the same time */
const SAVE_ATTEMPTS = 5;

const apiKey = z
  .object({ id, name: z.string(), prefix: z.string(), createdAt: time, lastUsedAt: time.nullable() })
  .openapi("ApiKey");
const session = z
  .object({ id: z.string(), device: z.string(), createdAt: time, expiresAt: time, current: z.boolean() })
  .openapi("BrowserSession");

const getMe = createRoute({
  method: "get",
  path: "/api/me",
  summary: "Who I am",
  middleware: read,
  responses: { 200: answer(z.object({ user }), "The caller") },
});

const patchMe = createRoute({
  method: "patch",
  path: "/api/me",
  summary: "Change my name, time zone or password",
  middleware: write,
  request: {
    body: jsonBody(
      z.object({
        name: personName.optional(),
        timezone: timezone.optional(),
        password: password.optional(),
        /** needed with a new one */
        currentPassword: z.string().max(1_000).optional(),
      }),
    ),
  },
  responses: { 200: answer(z.object({ user }), "The caller, as changed") },
});

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

const listSessions = createRoute({
  method: "get",
  path: "/api/me/sessions",
  summary: "Where I am signed in",
  middleware: read,
  responses: { 200: answer(z.object({ items: z.array(session) }), "Browser sessions, newest first") },
});

const endOthers = createRoute({
  method: "delete",
  path: "/api/me/sessions",
  summary: "Sign out everywhere else",
  middleware: revoke,
  responses: { 200: answer(z.object({ ended: z.number().int() }), "How many sessions ended") },
});

export function meRoutes() {
  return newRouter()
    .openapi(getMe, (c) => c.json({ user: identityOf(c).user }, 200))
    .openapi(patchMe, async (c) => {
      const { name, timezone: zone, password: next, currentPassword } = c.req.valid("json");
      const before = identityOf(c).user;
      const changed = { ...before, name: name ?? before.name, timezone: zone ?? before.timezone };
      const passwordHash = next === undefined ? undefined : await newPasswordHash(c, next, currentPassword);
      await saveMe(c, changed, passwordHash);
      if (passwordHash !== undefined) await endOtherSessions(c);
      return c.json({ user: changed }, 200);
    })
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
    })
    .openapi(listSessions, async (c) => {
      const identity = identityOf(c);
      const { read: client, clock } = c.get("services");
      const { rows } = await client.execute({
        sql: `SELECT id_hash, device, created_at, expires_at FROM auth_sessions WHERE user = ? AND expires_at > ? ORDER BY created_at DESC`,
        args: [identity.user.id, new Date(clock.now()).toISOString()],
      });
      const items = rows.map((row) => ({
        id: String(row.id_hash),
        device: String(row.device),
        createdAt: String(row.created_at),
        expiresAt: String(row.expires_at),
        current: identity.via.kind === "session" && identity.via.idHash === row.id_hash,
      }));
      return c.json({ items }, 200);
    })
    .openapi(endOthers, async (c) => c.json({ ended: await endOtherSessions(c) }, 200));
}

async function newPasswordHash(c: AppContext, next: string, current: string | undefined): Promise<string> {
  const services = c.get("services");
  const identity = await authenticate(c);
  if (identity?.via.kind !== "session") throw forbidden("An API key cannot change the password. Sign in with a browser.");
  if (current === undefined) throw invalid("currentPassword", "Give the current password too.");
  // A stolen open browser must not be a way to guess the password faster than the sign-in page.
  const attempt = await beginAttempt(services, [accountKey(identity.user.email)]);
  const { rows } = await services.read.execute({ sql: "SELECT password_hash FROM users WHERE id = ?", args: [identity.user.id] });
  const right = await services.passwords.verify(current, rows[0] ? String(rows[0].password_hash) : undefined);
  if (!right) throw invalid("currentPassword", "The current password is not right.");
  await services.write(() => attempt.succeeded());
  return services.passwords.hash(next);
}

/** Stores the changed person, and tells every company of a new name. */
async function saveMe(c: AppContext, me: Me, hash?: string): Promise<void> {
  const { read: client, write: save } = c.get("services");
  const renamed = me.name !== identityOf(c).user.name;
  for (let attempt = 1; ; attempt++) {
    const places = renamed ? await membershipsOf(client, me.id) : undefined;
    try {
      return void (await save(
        (context) => [...saveAccount(context, me, hash), ...(places ? tellRenamed(context, me, places) : [])],
        { chains: [INSTANCE_CHAIN] },
      ));
    } catch (error) {
      const moved = error instanceof WriteRefused && error.code === MEMBERSHIPS_CHANGED;
      if (!moved || attempt === SAVE_ATTEMPTS) throw error;
    }
  }
}

function saveAccount({ activity }: UnitContext, { id: me, name, timezone: zone }: Me, hash: string | undefined): Statement[] {
  return [
    { sql: "UPDATE users SET name = ?, timezone = ? WHERE id = ?", args: [name, zone, me] },
    ...(hash === undefined ? [] : [{ sql: "UPDATE users SET password_hash = ? WHERE id = ?", args: [hash, me] }]),
    activity({
      chain: INSTANCE_CHAIN,
      actor: { id: me, name, kind: "person" },
      action: hash === undefined ? "account.changed" : "account.password_changed",
      subject: { kind: "person", id: me },
      data: { name, timezone: zone },
    }),
  ];
}

async function endOtherSessions(c: AppContext): Promise<number> {
  const identity = identityOf(c);
  const services = c.get("services");
  const current = identity.via.kind === "session" ? identity.via.idHash : "";
  const { rows } = await services.read.execute({
    sql: "SELECT id_hash FROM auth_sessions WHERE user = ? AND id_hash <> ?",
    args: [identity.user.id, current],
  });
  await endSessions(
    services,
    identity,
    rows.map((row) => String(row.id_hash)),
  );
  return rows.length;
}
