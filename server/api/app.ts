/** Puts the API together: what every request passes, then the routes, then the screens. */
import { OpenAPIHono } from "@hono/zod-openapi";
import { compress } from "hono/compress";
import type { AppContext, AppEnv } from "./context.ts";
import { asApiError, type ErrorBody, notFound } from "./errors.ts";
import { internalRoutes, liveRoutes } from "./live/index.ts";
import { VERSIONS_PATH } from "./live/internal/files.ts";
import { GATEWAY, runnerGateway } from "./live/runners/gateway.ts";
import { createMetrics } from "./metrics.ts";
import { accessLog } from "./middleware/access-log.ts";
import { address } from "./middleware/address.ts";
import { jsonOnly, limitBody } from "./middleware/body.ts";
import { crossSite } from "./middleware/cross-site.ts";
import { requestId } from "./middleware/request-id.ts";
import { securityHeaders } from "./middleware/security-headers.ts";
import { openApiDocument } from "./openapi.ts";
import { policy } from "./route.ts";
import { newRouter } from "./router.ts";
import { activityRoutes } from "./routes/activity.ts";
import { agentRoutes } from "./routes/agents.ts";
import { artifactFrameRoutes, artifactRoutes } from "./routes/artifacts.ts";
import { authRoutes } from "./routes/auth.ts";
import { operatorRoutes } from "./routes/auth-operator.ts";
import { authResetRoutes } from "./routes/auth-reset.ts";
import { companyRoutes } from "./routes/companies.ts";
import { fileRoutes } from "./routes/files.ts";
import { workspaceFileRoutes } from "./routes/files-workspace.ts";
import { healthRoutes } from "./routes/health.ts";
import { instanceRoutes } from "./routes/instance.ts";
import { instancePeopleRoutes } from "./routes/instance-people.ts";
import { instanceRunnerRoutes } from "./routes/instance-runners.ts";
import { inviteRoutes } from "./routes/invites.ts";
import { meRoutes } from "./routes/me.ts";
import { meDeviceRoutes } from "./routes/me-devices.ts";
import { meKeyRoutes } from "./routes/me-keys.ts";
import { meWayRoutes } from "./routes/me-ways.ts";
import { memberRoutes } from "./routes/members.ts";
import { modelRoutes } from "./routes/models.ts";
import { notifyRoutes } from "./routes/notify.ts";
import { oauthRoutes } from "./routes/oauth.ts";
import { passkeyRoutes } from "./routes/passkeys.ts";
import { providerRoutes } from "./routes/providers.ts";
import { searchRoutes } from "./routes/search.ts";
import { uploadRoutes } from "./routes/uploads.ts";
import type { Services } from "./services.ts";
import { appFolder } from "./settings.ts";
import { staticApp } from "./static-app.ts";

/** bytes; the archive's batches carry up to a mebibyte of events beside the long texts they refer to */
const INTERNAL_BODY_LIMIT = 8 * 1024 * 1024;

/** The public app: API and screens. @param internal the app of the loopback listener, for runners on other machines */
export function createApp(services: Services, internal = createInternalApp(services)) {
  const metrics = createMetrics(services);
  const app = base(services);
  app.use(metrics.count);
  app.route("/", artifactFrameRoutes());
  app.use(securityHeaders);
  app.use("/api/*", crossSite, limitBody(), jsonOnly);
  app.get("/metrics", policy({ auth: "metrics", scope: "instance", minRole: null, mutates: false }), async (c) =>
    c.text(await metrics.text(), 200, { "content-type": metrics.contentType }),
  );
  app.use(`${GATEWAY}/*`, runnerGateway(services, internal));
  const routes = app.route("/", apiRoutes(services));
  const document = openApiDocument(routes, services.settings.version);
  app.get("/api/openapi.json", policy({ auth: "none", scope: "public", minRole: null, mutates: false }), (c) =>
    c.json(document()),
  );
  app.use("*", compress(), staticApp(appFolder(services.settings)));
  return routes;
}

/** Every route of the API in one chain, so that the client of the app knows their types. */
function apiRoutes(services: Services) {
  return newRouter()
    .route("/", healthRoutes())
    .route("/", authRoutes())
    .route("/", authResetRoutes())
    .route("/", passkeyRoutes())
    .route("/", oauthRoutes())
    .route("/", meRoutes())
    .route("/", meKeyRoutes())
    .route("/", meDeviceRoutes())
    .route("/", meWayRoutes())
    .route("/", instanceRoutes())
    .route("/", instancePeopleRoutes())
    .route("/", instanceRunnerRoutes())
    .route("/", companyRoutes())
    .route("/", memberRoutes())
    .route("/", inviteRoutes())
    .route("/", agentRoutes())
    .route("/", providerRoutes())
    .route("/", modelRoutes())
    .route("/", activityRoutes())
    .route("/", fileRoutes())
    .route("/", uploadRoutes())
    .route("/", workspaceFileRoutes())
    .route("/", artifactRoutes())
    .route("/", searchRoutes())
    .route("/", notifyRoutes())
    .route("/", liveRoutes(services));
}

/** The type behind the app's client: `hc<Api>(origin)`. */
export type Api = ReturnType<typeof apiRoutes>;

/** What our own processes call, on the loopback listener only. */
export function createInternalApp(services: Services) {
  const app = base(services);
  const limited = limitBody(INTERNAL_BODY_LIMIT);
  // Versions of files count their own bytes as they write them to the disk.
  app.use((c, next) => (c.req.path === VERSIONS_PATH ? next() : limited(c, next)));
  app.route("/", internalRoutes(services));
  app.route("/", operatorRoutes());
  return app;
}

function base(services: Services): OpenAPIHono<AppEnv> {
  const app = new OpenAPIHono<AppEnv>();
  app.use(async (c, next) => {
    c.set("services", services);
    await next();
  });
  app.use(requestId, address, accessLog);
  app.onError((error, c) => toResponse(c, error));
  app.notFound((c) => toResponse(c, notFound()));
  return app;
}

function toResponse(c: AppContext, error: unknown): Response {
  const refusal = asApiError(error);
  const { log, disk } = c.get("services");
  const requestIdText = c.get("requestId");
  if (refusal.code === "internal") log.error({ err: error, requestId: requestIdText, path: c.req.path }, "a request failed");
  // The database met the wall before the monitor looked: look now, so that the next request is refused early.
  if (refusal.code === "storage_full") void disk.check();
  const body: ErrorBody = {
    error: { code: refusal.code, message: refusal.message, details: refusal.details, requestId: requestIdText },
  };
  if (refusal.retryAfterS !== undefined) c.header("retry-after", String(refusal.retryAfterS));
  return c.json(body, refusal.status);
}
