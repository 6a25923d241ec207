/** Files for runners: what came with a run, and versions of what it changes. Signed, and with the run's token. */
import { createRoute, z } from "@hono/zod-openapi";
import { FILE_OPS } from "../../../../db/schema/files.ts";
import type { RunTokenClaims } from "../../../../party/protocol/internal.ts";
import { laneRoom } from "../../../../party/protocol/lanes.ts";
import { verifyRequest } from "../../../../party/protocol/sign.ts";
import { findFileOfRun } from "../../../files/access.ts";
import { serveFile } from "../../../files/serve.ts";
import { TooLong } from "../../../files/spool.ts";
import { keepVersion } from "../../../files/versions.ts";
import type { AppContext } from "../../context.ts";
import { ApiError, conflict, notFound, unauthenticated } from "../../errors.ts";
import { id } from "../../fields.ts";
import { policy } from "../../route.ts";
import { answer, newRouter } from "../../router.ts";
import { checkRunToken } from "../runners/dispatch.ts";
import { STALE_FENCE } from "../runners/leases.ts";
import type { Live } from "../state.ts";

const MIB = 1024 * 1024;
/** bytes of one version */
const VERSION_BYTES = 100 * MIB;
export const VERSIONS_PATH = "/internal/files/versions";
const BEARER = /^Bearer (\S+)$/i;
/** From the top of a workspace: no way up, no way out. */
const PATH = /^(?!\/)(?!(?:.*\/)?\.\.?(?:\/|$))[^\0]+$/;

const read = createRoute({
  method: "get",
  path: "/internal/files/{fileId}",
  summary: "The bytes of a file that came with a run, or that its agent made",
  middleware: policy({ auth: "internal", scope: "instance", minRole: null, mutates: false }),
  request: { params: z.object({ fileId: id }) },
  responses: { 200: { description: "The bytes" }, 304: { description: "The caller has them" } },
});

const lines = z.coerce.number().int().min(0);

const keep = createRoute({
  method: "put",
  path: VERSIONS_PATH,
  summary: "Keep what a file of a workspace has become; the body is its content",
  // The body may be large, so its first line alone is signed: see requireSigned.
  middleware: policy({ auth: "run", scope: "instance", minRole: null, mutates: true }),
  request: {
    query: z.object({
      path: z.string().max(4_096).regex(PATH),
      op: z.enum(FILE_OPS),
      call: z.string().min(1).max(128),
      added: lines.optional().openapi({ description: "lines; counted here when absent" }),
      removed: lines.optional(),
    }),
  },
  responses: {
    200: answer(
      z.object({ file: id, added: z.number().int(), removed: z.number().int(), same: z.boolean() }),
      "The version; `same` when the one before it has the same content",
    ),
  },
});

async function requireRun(c: AppContext, live: Live): Promise<RunTokenClaims> {
  const { read: db, secrets, clock } = c.get("services");
  const token = BEARER.exec(c.req.header("authorization") ?? "")?.[1];
  const check = await checkRunToken(db, secrets.rooms, token, undefined, clock.now());
  if (check.kind === "valid") return check.claims;
  if (check.kind === "invalid") throw unauthenticated();
  live.staleFences += 1;
  throw conflict(STALE_FENCE, "Another runner has this run now.");
}

/** A command of an agent may read its run's token; it may not make versions with it. */
function requireSigned(c: AppContext): void {
  const { secrets, clock } = c.get("services");
  const { pathname, search } = new URL(c.req.url);
  const header = (name: string): string | undefined => c.req.header(name);
  if (!verifyRequest(secrets.rooms, c.req.method, pathname + search, "", header, clock.now())) throw unauthenticated();
}

/** A lane has a workspace of its own: its files are other files than the agent's of the same path. */
function ofWorkspace(claims: RunTokenClaims): RunTokenClaims {
  return claims.lane === undefined ? claims : { ...claims, agent: laneRoom(claims.agent, claims.lane) };
}

export function internalFileRoutes(live: Live) {
  return newRouter()
    .openapi(read, async (c) => {
      const { company, lane } = await requireRun(c, live);
      const { read: db, files } = c.get("services");
      const file = await findFileOfRun(db, { company, lane }, c.req.valid("param").fileId);
      if (!file) throw notFound();
      return serveFile({ ...files, signedUrl: undefined }, company, file, {
        method: "GET",
        inline: false,
        range: undefined,
        ifRange: undefined,
        ifNoneMatch: c.req.header("if-none-match"),
      });
    })
    .openapi(keep, async (c) => {
      requireSigned(c);
      const change = c.req.valid("query");
      const claims = await requireRun(c, live);
      try {
        const body = change.op === "removed" ? null : c.req.raw.body;
        return c.json(await keepVersion(c.get("services"), ofWorkspace(claims), change, body, VERSION_BYTES), 200);
      } catch (error) {
        if (!(error instanceof TooLong)) throw error;
        throw new ApiError(413, "too_large", `A version may have ${VERSION_BYTES / MIB} MiB. The file stays in its workspace.`);
      }
    });
}
