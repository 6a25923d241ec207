/** A lost password: asking for a link, looking where a link leads, setting a new one with it. And confirming a new address. */
import { createRoute, z } from "@hono/zod-openapi";
import { LINK_MINUTES } from "../../auth/account-links.ts";
import { confirmAddress } from "../../auth/address-change.ts";
import { addressKey, beginAttempt, mailAddressKey, mailKey } from "../../auth/lockout.ts";
import { mailResetLink, resetTarget, setPasswordByLink } from "../../auth/reset.ts";
import { disabledAccount, startSession } from "../../auth/sign-in.ts";
import { ApiError } from "../errors.ts";
import { email, password } from "../fields.ts";
import { originForMail } from "../origin.ts";
import { policy } from "../route.ts";
import { answer, jsonBody, newRouter } from "../router.ts";
import { user } from "./auth.ts";

const open = policy({ auth: "none", scope: "public", minRole: null, mutates: true });
const token = z.string().min(20).max(200);

const ask = createRoute({
  method: "post",
  path: "/api/auth/reset/request",
  summary: "Have a link for a new password mailed",
  middleware: open,
  request: { body: jsonBody(z.object({ email })) },
  responses: {
    202: answer(z.object({ /** the link works */ minutes: z.number() }), "If there is such an account, a mail is on its way"),
  },
});

const preview = createRoute({
  method: "post",
  path: "/api/auth/reset/preview",
  summary: "Whose password a link sets; the link stays good",
  middleware: policy({ auth: "none", scope: "public", minRole: null, mutates: false }),
  request: { body: jsonBody(z.object({ token })) },
  responses: { 200: answer(z.object({ email: z.string() }), "The account") },
});

const set = createRoute({
  method: "post",
  path: "/api/auth/reset",
  summary: "Set a new password with a link",
  middleware: open,
  request: { body: jsonBody(z.object({ token, password })) },
  responses: { 200: answer(z.object({ user }), "Set; every other session has ended, and this browser has a new one") },
});

const confirm = createRoute({
  method: "post",
  path: "/api/auth/confirm-email",
  summary: "Take a new address over with the link that was mailed to it",
  middleware: open,
  request: { body: jsonBody(z.object({ token })) },
  responses: { 200: answer(z.object({ email: z.string() }), "The address from now on") },
});

export function authResetRoutes() {
  return newRouter()
    .openapi(ask, async (c) => {
      const services = c.get("services");
      const { email: mailbox } = c.req.valid("json");
      if (!services.mail.on) {
        throw new ApiError(
          409,
          "mail_off",
          "This Atrium sends no mail. Ask its owner for a reset link, or run `npm run atrium -- user reset-password` on the server.",
        );
      }
      await beginAttempt(services, [mailKey(mailbox), mailAddressKey(c.get("address"))]);
      // Behind the answer: the time it takes must not tell whether there is such an account.
      mailResetLink(services, mailbox, originForMail(services)).catch((error: unknown) =>
        services.log.warn({ err: error }, "a reset link could not be mailed"),
      );
      return c.json({ minutes: LINK_MINUTES }, 202);
    })
    .openapi(preview, async (c) => {
      const { user: found } = await resetTarget(c.get("services"), c.req.valid("json").token);
      return c.json({ email: found.email }, 200);
    })
    .openapi(set, async (c) => {
      const services = c.get("services");
      const { token: given, password: next } = c.req.valid("json");
      // Hashing is dear; a stranger must not have it done for nothing.
      const attempt = await beginAttempt(services, [addressKey(c.get("address"))]);
      const { user: found, disabled } = await setPasswordByLink(services, given, next);
      await services.write(() => attempt.succeeded());
      if (disabled) throw disabledAccount();
      await startSession(c, found.id);
      return c.json({ user: found }, 200);
    })
    .openapi(confirm, async (c) => c.json(await confirmAddress(c.get("services"), c.req.valid("json").token), 200));
}
