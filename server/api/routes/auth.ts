/** Signing up, in and out. */
import { createRoute, z } from "@hono/zod-openapi";
import { INSTANCE_CHAIN } from "../../../db/audit.ts";
import { WriteRefused } from "../../../db/errors.ts";
import type { Statement, UnitContext } from "../../../db/write-queue.ts";
import type { ActorRef } from "../../../party/protocol/common.ts";
import { newId } from "../../../party/protocol/ids.ts";
import { authenticate } from "../../auth/authenticate.ts";
import { clearSessionCookie, setSessionCookie } from "../../auth/cookie.ts";
import { endSessions } from "../../auth/end-sessions.ts";
import { findInvite, join, type OpenInvite } from "../../auth/invites.ts";
import { accountKey, addressKey, beginAttempt } from "../../auth/lockout.ts";
import { isOwnerToken, spendOwnerToken } from "../../auth/owner-token.ts";
import type { AppContext } from "../context.ts";
import { ApiError, conflict, forbidden } from "../errors.ts";
import { email, id, password, personName } from "../fields.ts";
import { policy } from "../route.ts";
import { answer, jsonBody, newRouter } from "../router.ts";
import type { Services } from "../services.ts";

export const user = z
  .object({ id, email: z.string(), name: z.string(), timezone: z.string(), instanceOwner: z.boolean() })
  .openapi("User");

const signUp = createRoute({
  method: "post",
  path: "/api/auth/sign-up",
  summary: "Make an account",
  middleware: policy({ auth: "none", scope: "public", minRole: null, mutates: true }),
  request: {
    body: jsonBody(z.object({ email, password, name: personName, invite: z.string().max(200).optional() })),
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

/** Which door a new person comes through. */
type Door = { kind: "owner"; token: string } | { kind: "invite"; invite: OpenInvite } | { kind: "open" };

async function findDoor(services: Services, mailbox: string, token: string | undefined): Promise<Door> {
  const { read, clock, settings } = services;
  if (token !== undefined) {
    if (await isOwnerToken(read, token)) return { kind: "owner", token };
    const invite = await findInvite(read, token, clock.now());
    if (!invite) throw forbidden("This invite is used, too old, or not one of this instance. Ask for a new one.");
    if (invite.email && invite.email !== mailbox) throw forbidden("This invite is for another e-mail address.");
    return { kind: "invite", invite };
  }
  const { rows } = await read.execute("SELECT 1 FROM users LIMIT 1");
  // The first person always needs the token: an open instance still has one owner, the one who started it.
  if (rows.length === 0) throw forbidden("Open the first-owner link that the terminal printed at the start.");
  if (!settings.openSignUp) throw forbidden("You need an invite to make an account here.");
  return { kind: "open" };
}

function enter(context: UnitContext, door: Door, person: ActorRef): Statement[] {
  switch (door.kind) {
    case "invite":
      return join(context, door.invite, person, 0);
    case "owner":
    case "open":
      return [];
  }
}

export function authRoutes() {
  return newRouter()
    .openapi(signUp, async (c) => {
      const services = c.get("services");
      const { email: mailbox, password: secret, name, invite } = c.req.valid("json");
      const attempt = await beginAttempt(services, [addressKey(c.get("address"))]);
      const door = await findDoor(services, mailbox, invite);
      const passwordHash = await services.passwords.hash(secret);
      const person: ActorRef = { id: newId("u", services.clock.now()), name, kind: "person" };
      const instanceOwner = door.kind === "owner";
      const chains = door.kind === "invite" ? [INSTANCE_CHAIN, door.invite.company] : [INSTANCE_CHAIN];
      await services
        .write(
          (context) => [
            ...(door.kind === "owner" ? spendOwnerToken(door.token) : []),
            {
              sql: `INSERT INTO users (id, email, name, timezone, password_hash, instance_owner, created_at) VALUES (?, ?, ?, 'UTC', ?, ?, ?)`,
              args: [person.id, mailbox, name, passwordHash, instanceOwner ? 1 : 0, context.now],
              refuse: "email_taken",
            },
            context.activity({
              chain: INSTANCE_CHAIN,
              actor: person,
              action: "account.created",
              subject: { kind: "person", id: person.id },
              data: { by: door.kind },
            }),
            ...enter(context, door, person),
            ...attempt.succeeded(),
          ],
          { chains },
        )
        .catch(explainSignUp);
      await startSession(c, person.id);
      return c.json({ user: { id: person.id, email: mailbox, name, timezone: "UTC", instanceOwner } }, 201);
    })
    .openapi(signIn, async (c) => {
      const services = c.get("services");
      const { email: mailbox, password: given } = c.req.valid("json");
      const attempt = await beginAttempt(services, [accountKey(mailbox), addressKey(c.get("address"))]);
      const { rows } = await services.read.execute({
        sql: "SELECT id, email, name, timezone, instance_owner, password_hash FROM users WHERE email = ?",
        args: [mailbox],
      });
      const row = rows[0];
      const right = await services.passwords.verify(given, row ? String(row.password_hash) : undefined);
      if (!row || !right) throw new ApiError(401, "wrong_credentials", "The e-mail address or the password is wrong.");
      const found = {
        id: String(row.id),
        email: String(row.email),
        name: String(row.name),
        timezone: String(row.timezone),
        instanceOwner: row.instance_owner === 1,
      };
      await services.write(
        ({ activity }) => [
          ...attempt.succeeded(),
          activity({
            chain: INSTANCE_CHAIN,
            actor: { id: found.id, name: found.name, kind: "person" },
            action: "session.started",
            subject: { kind: "person", id: found.id },
          }),
        ],
        { chains: [INSTANCE_CHAIN] },
      );
      await startSession(c, found.id);
      return c.json({ user: found }, 200);
    })
    .openapi(signOut, async (c) => {
      const identity = await authenticate(c);
      if (identity?.via.kind === "session") await endSessions(c.get("services"), identity, [identity.via.idHash]);
      clearSessionCookie(c);
      return c.body(null, 204);
    });
}

async function startSession(c: AppContext, person: string): Promise<void> {
  const { token, expiresAt } = await c.get("services").sessions.start(person, c.req.header("user-agent") ?? "a browser");
  setSessionCookie(c, token, expiresAt);
}

function explainSignUp(error: unknown): never {
  if (!(error instanceof WriteRefused)) throw error;
  switch (error.code) {
    case "email_taken":
      throw conflict("email_taken", "There is an account with this e-mail address. Sign in and use the invite there.");
    case "taken_over":
      throw conflict("taken_over", "This instance has an owner by now. Ask them for an invite.");
    case "invite_used":
      throw conflict("invite_used", "This invite was used a moment ago. Ask for a new one.");
    default:
      throw error;
  }
}
