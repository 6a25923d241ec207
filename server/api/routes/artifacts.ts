/** Artifacts: HTML, SVG and diagrams that agents made, shown in a frame of another origin. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createRoute, z } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { compress } from "hono/compress";
import { artifactOrigin } from "../../files/artifacts/origin.ts";
import { artifactHeaders, DIAGRAM_SCRIPT, diagramPage, gonePage } from "../../files/artifacts/page.ts";
import { ARTIFACT_MS, readArtifact, signArtifact } from "../../files/artifacts/token.ts";
import { findFile } from "../../files/records.ts";
import { webStream } from "../../files/serve.ts";
import { artifactKind } from "../../files/types.ts";
import { type AppContext, type AppEnv, membershipOf } from "../context.ts";
import { ApiError, notFound } from "../errors.ts";
import { id, time } from "../fields.ts";
import { policy } from "../route.ts";
import { answer, companyParams, newRouter } from "../router.ts";
import { appFolder } from "../settings.ts";
import { requireFile } from "./files.ts";

const MIB = 1024 * 1024;
/** bytes of a document in the frame; a browser shows larger ones badly */
const MAX_BYTES = 20 * MIB;

const show = createRoute({
  method: "get",
  path: "/api/companies/{companyId}/files/{fileId}/artifact",
  summary: "The address of a frame that shows an HTML page, a drawing or a diagram",
  description: 'Good for ten minutes. To be shown in a frame with `sandbox="allow-scripts"` and nothing more.',
  middleware: policy({ auth: "person", scope: "company", minRole: "viewer", mutates: false }),
  request: { params: companyParams.extend({ fileId: id }) },
  responses: { 200: answer(z.object({ url: z.string(), expiresAt: time }), "Where the frame looks") },
});

export function artifactRoutes() {
  return newRouter().openapi(show, async (c) => {
    const { settings, secrets, clock } = c.get("services");
    const file = await requireFile(c, c.req.valid("param").fileId);
    if (file.sha256 === null || artifactKind(file.mime) === undefined) {
      throw new ApiError(422, "not_an_artifact", "Only HTML pages, SVG drawings and Mermaid diagrams are shown in a frame.");
    }
    if (file.bytes > MAX_BYTES) {
      throw new ApiError(413, "too_large", `Up to ${MAX_BYTES / MIB} MiB are shown in a frame. Download it to open it.`);
    }
    const appHost = c.req.header("host")?.toLowerCase() ?? "";
    const found = artifactOrigin({ publicUrl: settings.publicUrl, artifactsUrl: settings.files.artifactsUrl }, appHost);
    if (!found) throw notFound();
    const expiresAt = clock.now() + ARTIFACT_MS;
    const host = new URL(found.origin).host;
    const shownIn = settings.publicUrl ? new URL(settings.publicUrl).host : appHost;
    const claims = { company: membershipOf(c).company, file: file.id, host, appHost: shownIn, expiresAt };
    // Where no address was set, a proxy may speak HTTPS for us: the frame takes the scheme of the page around it.
    const scheme = (settings.files.artifactsUrl ?? settings.publicUrl) === undefined ? "" : new URL(found.origin).protocol;
    const url = `${scheme}//${host}/artifacts/${signArtifact(secrets.tickets, claims)}/`;
    return c.json({ url, expiresAt: new Date(expiresAt).toISOString() }, 200);
  });
}

const anyone = policy({ auth: "none", scope: "public", minRole: null, mutates: false });

/** Under a name that was set apart for artifacts there is nothing else: nobody can sign in there. */
const nothingElse: MiddlewareHandler<AppEnv> = async (c, next) => {
  const { artifactsUrl } = c.get("services").settings.files;
  const isApart = artifactsUrl !== undefined && c.req.header("host")?.toLowerCase() === new URL(artifactsUrl).host;
  if (isApart && !c.req.path.startsWith("/artifacts/")) throw notFound();
  await next();
};

/** What the frame itself asks for. Its documents have headers of their own, so these routes stand before those of the app. */
export function artifactFrameRoutes() {
  return newRouter()
    .use(nothingElse)
    .get(DIAGRAM_SCRIPT, anyone, compress(), async (c) => {
      const script = await readFile(join(appFolder(c.get("services").settings), "frames", "mermaid.js")).catch(() => undefined);
      if (!script) throw notFound();
      return c.body(new Uint8Array(script), 200, {
        "content-type": "text/javascript; charset=utf-8",
        "cache-control": "public, max-age=86400",
        "x-content-type-options": "nosniff",
        // The frame has no origin that could be the same as ours.
        "cross-origin-resource-policy": "cross-origin",
      });
    })
    .get("/artifacts/:token/", anyone, frame);
}

async function frame(c: AppContext): Promise<Response> {
  const { read, files, secrets, clock } = c.get("services");
  const claims = readArtifact(secrets.tickets, c.req.param("token") ?? "", c.req.header("host"), clock.now());
  const file = claims && (await findFile(read, claims.company, claims.file));
  const kind = file && artifactKind(file.mime);
  if (!claims || !file?.sha256 || !kind) {
    const headers = artifactHeaders("gone", "", claims?.appHost ?? "'none'");
    return new Response(gonePage(), { status: 410, headers });
  }
  // Plain HTTP in the policy covers HTTPS too, which a proxy may speak for us.
  const headers = artifactHeaders(kind, `http://${claims.host}`, claims.appHost);
  if (file.bytes === 0) return new Response("", { headers });
  if (kind !== "diagram") return new Response(webStream(await files.open(claims.company, file.sha256)), { headers });
  const source = new TextDecoder().decode(await files.head(claims.company, file.sha256, MAX_BYTES));
  return new Response(diagramPage(source), { headers });
}
