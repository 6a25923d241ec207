/** Signing in with Google or Microsoft, and linking them to an account. */
import { createRoute, z } from "@hono/zod-openapi";
import { INSTANCE_CHAIN } from "../../../db/audit.ts";
import { WriteRefused } from "../../../db/errors.ts";
import { orRefuse } from "../../../db/write-queue.ts";
import { authenticate } from "../../auth/authenticate.ts";
import type { Intent } from "../../auth/challenges.ts";
import { enterWith, linkTo } from "../../auth/oidc/enter.ts";
import { beginAt, callbackQuery, intentOf, personOf } from "../../auth/oidc/flow.ts";
import { PROVIDERS } from "../../auth/oidc/settings.ts";
import { aWayInIsLeft, explainLastWay } from "../../auth/ways-in.ts";
import { type AppContext, actorRefOf, identityOf } from "../context.ts";
import { asApiError, notFound } from "../errors.ts";
import { id, timezone } from "../fields.ts";
import { policy } from "../route.ts";
import { answer, jsonBody, newRouter } from "../router.ts";

const provider = z.enum(PROVIDERS);
const params = z.object({ provider });
const goThere = answer(z.object({ url: z.string() }), "Where the browser goes next");
/** a path of this site; a link may not send a person elsewhere after the sign-in */
const localPath = z
  .string()
  .max(500)
  .regex(/^\/(?![/\\])/);

const start = createRoute({
  method: "post",
  path: "/api/auth/oidc/{provider}/start",
  summary: "Begin to sign in with a provider",
  middleware: policy({ auth: "none", scope: "public", minRole: null, mutates: true, whenFull: "allow" }),
  request: {
    params,
    body: jsonBody(
      z.object({
        /** for people without an account */
        invite: z.string().max(200).optional(),
        timezone: timezone.optional(),
        next: localPath.optional(),
      }),
    ),
  },
  responses: { 200: goThere },
});

const startLink = createRoute({
  method: "post",
  path: "/api/me/linked/{provider}/start",
  summary: "Begin to link a provider to my account",
  middleware: policy({ auth: "browser", scope: "self", minRole: null, mutates: true }),
  request: { params },
  responses: { 200: goThere },
});

const unlink = createRoute({
  method: "delete",
  path: "/api/me/linked/{linkId}",
  summary: "Remove a linked sign-in",
  middleware: policy({ auth: "browser", scope: "self", minRole: null, mutates: true, whenFull: "allow" }),
  request: { params: z.object({ linkId: id }) },
  responses: { 204: { description: "Removed; it opens nothing here any more" } },
});

const callback = createRoute({
  method: "get",
  path: "/api/auth/oidc/{provider}/callback",
  summary: "Where a provider sends people back to",
  middleware: policy({ auth: "none", scope: "public", minRole: null, mutates: true, whenFull: "allow" }),
  request: { params, query: callbackQuery },
  responses: { 302: { description: "To the app, signed in; or with `?problem=` and the code of what went wrong" } },
});

export function oauthRoutes() {
  return newRouter()
    .openapi(start, async (c) => {
      const { invite, timezone: zone, next } = c.req.valid("json");
      const intent: Intent = { kind: "sign-in", invite, timezone: zone, next };
      return c.json({ url: await beginAt(c, c.req.valid("param").provider, intent) }, 200);
    })
    .openapi(startLink, async (c) => {
      const intent: Intent = { kind: "link", user: identityOf(c).user.id };
      return c.json({ url: await beginAt(c, c.req.valid("param").provider, intent) }, 200);
    })
    .openapi(unlink, async (c) => {
      const { linkId } = c.req.valid("param");
      const identity = identityOf(c);
      const me = identity.user.id;
      await c
        .get("services")
        .write(
          ({ activity }) => [
            { sql: "DELETE FROM linked_sign_ins WHERE id = ? AND user = ?", args: [linkId, me] },
            orRefuse("not_found"),
            aWayInIsLeft(me),
            activity({
              chain: INSTANCE_CHAIN,
              actor: actorRefOf(identity),
              action: "sign_in.unlinked",
              subject: { kind: "person", id: me },
              data: { link: linkId },
            }),
          ],
          { chains: [INSTANCE_CHAIN] },
        )
        .catch((error: unknown) => {
          if (error instanceof WriteRefused && error.code === "not_found") throw notFound();
          return explainLastWay(error);
        });
      return c.body(null, 204);
    })
    .openapi(callback, async (c) => c.redirect(await finish(c, c.req.valid("param").provider, c.req.valid("query")), 302));
}

/** Finishes what was begun and tells which page comes next. A refusal is a page too: nobody is left before raw JSON. */
async function finish(c: AppContext, name: z.infer<typeof provider>, query: z.infer<typeof callbackQuery>): Promise<string> {
  let failed = "/sign-in";
  try {
    const begun = intentOf(c, name, query.state);
    const { intent } = begun;
    if (intent.kind === "link") failed = "/account";
    else if (intent.invite !== undefined) failed = `/join?invite=${encodeURIComponent(intent.invite)}`;
    const account = { ...(await personOf(c, name, begun, query)), provider: name };
    if (intent.kind === "sign-in") {
      await enterWith(c, account, intent);
      return intent.next ?? "/";
    }
    const identity = await authenticate(c);
    // Whoever signed out or became somebody else meanwhile has nothing linked to them behind their back.
    if (identity?.user.id !== intent.user) return problem("/sign-in", "oidc_stale", name);
    await linkTo(c.get("services"), account, identity.user);
    return `/account?linked=${name}`;
  } catch (error) {
    const refusal = asApiError(error);
    if (refusal.code === "internal") c.get("services").log.error({ err: error }, "a sign-in at a provider could not be finished");
    return problem(failed, refusal.code, name);
  }
}

function problem(page: string, code: string, name: string): string {
  return `${page}${page.includes("?") ? "&" : "?"}problem=${encodeURIComponent(code)}&provider=${name}`;
}
