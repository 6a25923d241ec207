/** Passkeys: adding, naming, removing; and signing in with one. */
import { createRoute, z } from "@hono/zod-openapi";
import type { PublicKeyCredentialCreationOptionsJSON, PublicKeyCredentialRequestOptionsJSON } from "@simplewebauthn/server";
import { INSTANCE_CHAIN } from "../../../db/audit.ts";
import { WriteRefused } from "../../../db/errors.ts";
import { mustHold, orRefuse } from "../../../db/write-queue.ts";
import { newId } from "../../../party/protocol/ids.ts";
import { addressKey, beginAttempt } from "../../auth/lockout.ts";
import {
  assertion,
  assertionOptions,
  checkAssertion,
  checkRegistration,
  registration,
  registrationOptions,
} from "../../auth/passkeys.ts";
import { signInAs } from "../../auth/sign-in.ts";
import { aWayInIsLeft, explainLastWay } from "../../auth/ways-in.ts";
import { noticeLetter } from "../../mail/letters.ts";
import { actorRefOf, identityOf } from "../context.ts";
import { ApiError, conflict, notFound } from "../errors.ts";
import { id, line } from "../fields.ts";
import { policy } from "../route.ts";
import { answer, jsonBody, newRouter } from "../router.ts";
import { user } from "./auth.ts";

/** more than anyone has devices */
const MAX_PASSKEYS = 20;

const mine = policy({ auth: "browser", scope: "self", minRole: null, mutates: true });
const anyone = policy({ auth: "none", scope: "public", minRole: null, mutates: true, whenFull: "allow" });
const name = line(60);
const passkeyParams = z.object({ passkeyId: id });
/** Handed to the browser as they are: their form is the standard's, not ours. Extensions hold bytes, which JSON does not. */
const creation = z.custom<Omit<PublicKeyCredentialCreationOptionsJSON, "extensions">>().openapi({ type: "object" });
const retrieval = z.custom<Omit<PublicKeyCredentialRequestOptionsJSON, "extensions">>().openapi({ type: "object" });

const registerOptions = createRoute({
  method: "post",
  path: "/api/me/passkeys/options",
  summary: "Begin to add a passkey",
  middleware: mine,
  responses: { 200: answer(creation, "PublicKeyCredentialCreationOptionsJSON") },
});

const register = createRoute({
  method: "post",
  path: "/api/me/passkeys",
  summary: "Add a passkey",
  middleware: mine,
  request: { body: jsonBody(z.object({ name, response: registration })) },
  responses: { 201: answer(z.object({ id }), "Added") },
});

const rename = createRoute({
  method: "patch",
  path: "/api/me/passkeys/{passkeyId}",
  summary: "Name a passkey",
  middleware: mine,
  request: { params: passkeyParams, body: jsonBody(z.object({ name })) },
  responses: { 204: { description: "Named" } },
});

const remove = createRoute({
  method: "delete",
  path: "/api/me/passkeys/{passkeyId}",
  summary: "Remove a passkey",
  middleware: policy({ auth: "browser", scope: "self", minRole: null, mutates: true, whenFull: "allow" }),
  request: { params: passkeyParams },
  responses: { 204: { description: "Removed; it opens nothing any more" } },
});

const signInOptions = createRoute({
  method: "post",
  path: "/api/auth/passkey/options",
  summary: "Begin to sign in with a passkey",
  middleware: anyone,
  responses: { 200: answer(retrieval, "PublicKeyCredentialRequestOptionsJSON") },
});

const signIn = createRoute({
  method: "post",
  path: "/api/auth/passkey",
  summary: "Sign in with a passkey",
  middleware: anyone,
  request: { body: jsonBody(z.object({ response: assertion })) },
  responses: { 200: answer(z.object({ user }), "The session's cookie is set") },
});

export function passkeyRoutes() {
  return newRouter()
    .openapi(registerOptions, async (c) => c.json(await registrationOptions(c, identityOf(c).user), 200))
    .openapi(register, async (c) => {
      const { write, clock, mail } = c.get("services");
      const identity = identityOf(c);
      const me = identity.user;
      const { name: called, response } = c.req.valid("json");
      const made = await checkRegistration(c, me, response);
      const passkey = newId("pk", clock.now());
      const notice = mail.put(noticeLetter(me.email, me.name, `A passkey called "${called}" was added to your account.`));
      await write(
        ({ now, activity }) => [
          mustHold("too_many", "SELECT count(*) < ? FROM passkeys WHERE user = ?", [MAX_PASSKEYS, me.id]),
          {
            sql: `INSERT INTO passkeys (id, user, name, credential_id, public_key, counter, transports, synced, created_at)
              VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
            args: [
              passkey,
              me.id,
              called,
              made.credentialId,
              made.publicKey,
              made.counter,
              JSON.stringify(made.transports),
              made.synced ? 1 : 0,
              now,
            ],
            refuse: "passkey_known",
          },
          ...notice,
          activity({
            chain: INSTANCE_CHAIN,
            actor: actorRefOf(identity),
            action: "passkey.added",
            subject: { kind: "person", id: me.id },
            data: { passkey, name: called },
          }),
        ],
        { chains: [INSTANCE_CHAIN] },
      ).catch(explainRegister);
      mail.kick();
      return c.json({ id: passkey }, 201);
    })
    .openapi(rename, async (c) => {
      const { passkeyId } = c.req.valid("param");
      await c
        .get("services")
        .write(() => [
          {
            sql: "UPDATE passkeys SET name = ? WHERE id = ? AND user = ?",
            args: [c.req.valid("json").name, passkeyId, identityOf(c).user.id],
          },
          orRefuse("not_found"),
        ])
        .catch(explainMissing);
      return c.body(null, 204);
    })
    .openapi(remove, async (c) => {
      const { passkeyId } = c.req.valid("param");
      const identity = identityOf(c);
      const me = identity.user.id;
      await c
        .get("services")
        .write(
          ({ activity }) => [
            { sql: "DELETE FROM passkeys WHERE id = ? AND user = ?", args: [passkeyId, me] },
            orRefuse("not_found"),
            aWayInIsLeft(me),
            activity({
              chain: INSTANCE_CHAIN,
              actor: actorRefOf(identity),
              action: "passkey.removed",
              subject: { kind: "person", id: me },
              data: { passkey: passkeyId },
            }),
          ],
          { chains: [INSTANCE_CHAIN] },
        )
        .catch(explainMissing);
      return c.body(null, 204);
    })
    .openapi(signInOptions, async (c) => c.json(await assertionOptions(c), 200))
    .openapi(signIn, async (c) => {
      const attempt = await beginAttempt(c.get("services"), [addressKey(c.get("address"))]);
      const { found, passkey, counter, counterBefore } = await checkAssertion(c, c.req.valid("json").response);
      const now = new Date(c.get("services").clock.now()).toISOString();
      await signInAs(c, found, "passkey", [
        ...attempt.succeeded(),
        {
          sql: "UPDATE passkeys SET counter = ?, last_used_at = ? WHERE id = ? AND counter = ?",
          args: [counter, now, passkey, counterBefore],
        },
        // Used elsewhere in the same moment, or removed.
        orRefuse("passkey_moved"),
      ]).catch(explainSignIn);
      return c.json({ user: found.user }, 200);
    });
}

function explainRegister(error: unknown): never {
  if (!(error instanceof WriteRefused)) throw error;
  if (error.code === "too_many") throw conflict("too_many", `An account has at most ${MAX_PASSKEYS} passkeys. Remove one first.`);
  if (error.code === "passkey_known") throw conflict("passkey_known", "This passkey is known here already.");
  throw error;
}

function explainMissing(error: unknown): never {
  if (error instanceof WriteRefused && error.code === "not_found") throw notFound();
  return explainLastWay(error);
}

function explainSignIn(error: unknown): never {
  if (error instanceof WriteRefused && error.code === "passkey_moved") {
    throw new ApiError(409, "challenge_gone", "The passkey was used somewhere else in the same moment. Try again.");
  }
  throw error;
}
