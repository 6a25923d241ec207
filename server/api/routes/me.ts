/** The caller: who they are, their address, their password. */
import { createRoute, z } from "@hono/zod-openapi";
import { INSTANCE_CHAIN } from "../../../db/audit.ts";
import { WriteRefused } from "../../../db/errors.ts";
import type { Statement, UnitContext } from "../../../db/write-queue.ts";
import { changeAddress } from "../../auth/address-change.ts";
import { beginAttempt, mailAddressKey, mailKey } from "../../auth/lockout.ts";
import { proveAgain } from "../../auth/prove.ts";
import { noticeLetter } from "../../mail/letters.ts";
import { type AppContext, identityOf } from "../context.ts";
import { email, password, personName, timezone } from "../fields.ts";
import { MEMBERSHIPS_CHANGED, membershipsOf, tellRenamed } from "../memberships.ts";
import { originForMail } from "../origin.ts";
import { policy } from "../route.ts";
import { answer, jsonBody, newRouter } from "../router.ts";
import { user } from "./auth.ts";
import { endOtherSessions } from "./me-devices.ts";

type Me = { id: string; email: string; name: string; timezone: string };
/** tries to save a new name while the person's roles are being changed at the same time */
const SAVE_ATTEMPTS = 5;

const getMe = createRoute({
  method: "get",
  path: "/api/me",
  summary: "Who I am",
  middleware: policy({ auth: "person", scope: "self", minRole: null, mutates: false }),
  responses: { 200: answer(z.object({ user }), "The caller") },
});

const patchMe = createRoute({
  method: "patch",
  path: "/api/me",
  summary: "Change my name, time zone or password",
  middleware: policy({ auth: "person", scope: "self", minRole: null, mutates: true }),
  request: {
    body: jsonBody(
      z.object({
        name: personName.optional(),
        timezone: timezone.optional(),
        password: password.optional(),
        /** needed with a new one, by people who have one */
        currentPassword: z.string().max(1_000).optional(),
        /** with a new password the other sessions end, unless this says that they stay */
        keepOthers: z.boolean().optional(),
      }),
    ),
  },
  responses: { 200: answer(z.object({ user }), "The caller, as changed") },
});

const patchEmail = createRoute({
  method: "post",
  path: "/api/me/email",
  summary: "Change my e-mail address",
  middleware: policy({ auth: "browser", scope: "self", minRole: null, mutates: true }),
  request: { body: jsonBody(z.object({ email, currentPassword: z.string().max(1_000).optional() })) },
  responses: {
    200: answer(
      z.discriminatedUnion("kind", [
        z.object({ kind: z.literal("changed") }),
        z.object({ kind: z.literal("confirm"), minutes: z.number() }),
      ]),
      "Changed, or waiting for the link that was mailed to the new address",
    ),
  },
});

export function meRoutes() {
  return newRouter()
    .openapi(getMe, (c) => c.json({ user: identityOf(c).user }, 200))
    .openapi(patchMe, async (c) => {
      const { name, timezone: zone, password: next, currentPassword, keepOthers = false } = c.req.valid("json");
      const before = identityOf(c).user;
      const changed = { ...before, name: name ?? before.name, timezone: zone ?? before.timezone };
      const passwordHash = next === undefined ? undefined : await newPasswordHash(c, next, currentPassword);
      await saveMe(c, changed, passwordHash);
      if (passwordHash !== undefined && !keepOthers) await endOtherSessions(c);
      return c.json({ user: changed }, 200);
    })
    .openapi(patchEmail, async (c) => {
      const services = c.get("services");
      const { email: next, currentPassword } = c.req.valid("json");
      const me = identityOf(c).user;
      if (next === me.email) return c.json({ kind: "changed" as const }, 200);
      await proveAgain(c, currentPassword);
      if (services.mail.on) await beginAttempt(services, [mailKey(next), mailAddressKey(c.get("address"))]);
      return c.json(await changeAddress(services, me, next, originForMail(services)), 200);
    });
}

async function newPasswordHash(c: AppContext, next: string, current: string | undefined): Promise<string> {
  await proveAgain(c, current);
  return c.get("services").passwords.hash(next);
}

/** Stores the changed person, and tells every company of a new name. */
async function saveMe(c: AppContext, me: Me, hash?: string): Promise<void> {
  const { read: client, write: save, mail } = c.get("services");
  const notice = hash === undefined ? [] : mail.put(noticeLetter(me.email, me.name, "Your password was changed."));
  const renamed = me.name !== identityOf(c).user.name;
  for (let attempt = 1; ; attempt++) {
    const places = renamed ? await membershipsOf(client, me.id) : undefined;
    try {
      await save(
        (context) => [...saveAccount(context, me, hash), ...notice, ...(places ? tellRenamed(context, me, places) : [])],
        { chains: [INSTANCE_CHAIN] },
      );
      return mail.kick();
    } catch (error) {
      const moved = error instanceof WriteRefused && error.code === MEMBERSHIPS_CHANGED;
      if (!moved || attempt === SAVE_ATTEMPTS) throw error;
    }
  }
}

function saveAccount({ activity }: UnitContext, { id: me, name, timezone: zone }: Me, hash: string | undefined): Statement[] {
  return [
    { sql: "UPDATE users SET name = ?, timezone = ? WHERE id = ?", args: [name, zone, me] },
    ...(hash === undefined
      ? []
      : [
          { sql: "UPDATE users SET password_hash = ? WHERE id = ?", args: [hash, me] },
          { sql: "DELETE FROM account_links WHERE user = ? AND kind = 'reset'", args: [me] },
        ]),
    activity({
      chain: INSTANCE_CHAIN,
      actor: { id: me, name, kind: "person" },
      action: hash === undefined ? "account.changed" : "account.password_changed",
      subject: { kind: "person", id: me },
      data: { name, timezone: zone },
    }),
  ];
}
