/** Signing up, in and out. */
import { createRoute, z } from "@hono/zod-openapi";
import type { ActorRef } from "../../../party/protocol/common.ts";
import { newId } from "../../../party/protocol/ids.ts";
import { authenticate } from "../../auth/authenticate.ts";
import { clearSessionCookie } from "../../auth/cookie.ts";
import { chainsOf, explainAccount, findDoor, makeAccount } from "../../auth/doors.ts";
import { endSessions } from "../../auth/end-sessions.ts";
import { accountKey, addressKey, beginAttempt } from "../../auth/lockout.ts";
import { PROVIDERS } from "../../auth/oidc/settings.ts";
import { FOUND_COLUMNS, foundOf, signInAs, startSession } from "../../auth/sign-in.ts";
import { ApiError } from "../errors.ts";
import { email, id, password, personName, timezone } from "../fields.ts";
import { policy } from "../route.ts";
import { answer, jsonBody, newRouter } from "../router.ts";

export const user = z
  .object({ id, email: z.string(), name: z.string(), timezone: z.string(), instanceOwner: z.boolean() })
  .openapi("User");

const options = createRoute({
  method: "get",
  path: "/api/auth/options",
  summary: "The ways in that this instance has",
  middleware: policy({ auth: "none", scope: "public", minRole: null, mutates: false }),
  responses: {
    200: answer(
      z.object({
        /** OpenID providers that are set up */
        providers: z.array(z.enum(PROVIDERS)),
        /** true when links can be mailed */
        mail: z.boolean(),
        openSignUp: z.boolean(),
      }),
      "What a sign-in page offers",
    ),
  },
});

const signUp = createRoute({
  method: "post",
  path: "/api/auth/sign-up",
  summary: "Make an account",
  middleware: policy({ auth: "none", scope: "public", minRole: null, mutates: true }),
  request: {
    body: jsonBody(
      z.object({
        email,
        password,
        name: personName,
        invite: z.string().max(200).optional(),
        /** of the browser; UTC without it */
        timezone: timezone.optional(),
      }),
    ),
  },
  responses: { 201: answer(z.object({ user }), "The account; the session's cookie is set") },
});

const signIn = createRoute({
  method: "post",
  path: "/api/auth/sign-in",
  summary: "Start a browser session",
  middleware: policy({ auth: "none", scope: "public", minRole: null, mutates: true, whenFull: "allow" }),
  request: { body: jsonBody(z.object({ email, password: z.string().max(1_000) })) },
  responses: { 200: answer(z.object({ user }), "The session's cookie is set") },
});

const signOut = createRoute({
  method: "post",
  path: "/api/auth/sign-out",
  summary: "End this browser session",
  middleware: policy({ auth: "none", scope: "self", minRole: null, mutates: true, whenFull: "allow" }),
  responses: { 204: { description: "Signed out" } },
});

export function authRoutes() {
  return newRouter()
    .openapi(options, (c) => {
      const { settings, mail } = c.get("services");
      const providers = PROVIDERS.filter((name) => settings.oidc[name] !== undefined);
      return c.json({ providers, mail: mail.on, openSignUp: settings.openSignUp }, 200);
    })
    .openapi(signUp, async (c) => {
      const services = c.get("services");
      const { email: mailbox, password: secret, name, invite, timezone: zone = "UTC" } = c.req.valid("json");
      const attempt = await beginAttempt(services, [addressKey(c.get("address"))]);
      const door = await findDoor(services, mailbox, invite);
      const passwordHash = await services.passwords.hash(secret);
      const person: ActorRef = { id: newId("u", services.clock.now()), name, kind: "person" };
      const account = { person, email: mailbox, timezone: zone, passwordHash, emailVerifiedAt: undefined };
      await services
        .write((context) => [...makeAccount(context, door, account), ...attempt.succeeded()], { chains: chainsOf(door) })
        .catch(explainAccount);
      await startSession(c, person.id);
      return c.json({ user: { id: person.id, email: mailbox, name, timezone: zone, instanceOwner: door.kind === "owner" } }, 201);
    })
    .openapi(signIn, async (c) => {
      const services = c.get("services");
      const { email: mailbox, password: given } = c.req.valid("json");
      const attempt = await beginAttempt(services, [accountKey(mailbox), addressKey(c.get("address"))]);
      const { rows } = await services.read.execute({
        sql: `SELECT ${FOUND_COLUMNS}, u.password_hash FROM users u WHERE u.email = ?`,
        args: [mailbox],
      });
      const row = rows[0];
      const right = await services.passwords.verify(given, row ? String(row.password_hash) : undefined);
      if (!row || !right) throw new ApiError(401, "wrong_credentials", "The e-mail address or the password is wrong.");
      const found = foundOf(row);
      await signInAs(c, found, "password", attempt.succeeded());
      return c.json({ user: found.user }, 200);
    })
    .openapi(signOut, async (c) => {
      const identity = await authenticate(c);
      if (identity?.via.kind === "session") await endSessions(c.get("services"), identity, [identity.via.idHash]);
      clearSessionCookie(c);
      return c.body(null, 204);
    });
}
