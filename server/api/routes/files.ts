/** Files of a company: the library, one file, its content, preview and versions. */
import { createRoute, z } from "@hono/zod-openapi";
import { orRefuse } from "../../../db/write-queue.ts";
import { atLeast } from "../../../party/protocol/roles.ts";
import { findVisibleFile } from "../../files/access.ts";
import { listFiles, versionsOf } from "../../files/list.ts";
import { previewOf, previewShape } from "../../files/preview.ts";
import { type FileOut, fileShape } from "../../files/records.ts";
import { serveFile } from "../../files/serve.ts";
import { forgetFile } from "../../search/files.ts";
import { type AppContext, actorRefOf, identityOf, membershipOf } from "../context.ts";
import { forbidden, notFound } from "../errors.ts";
import { cutPage, id, pageOf, pageQuery } from "../fields.ts";
import { isPrivate } from "../live/sessions/visible.ts";
import { stillAllowed } from "../records.ts";
import { policy } from "../route.ts";
import { answer, companyParams, newRouter } from "../router.ts";

/** versions of one file that are listed */
const VERSIONS = 200;

const PATH = "/api/companies/{companyId}/files";
const params = companyParams.extend({ fileId: id });
const see = policy({ auth: "person", scope: "company", minRole: "viewer", mutates: false });

const list = createRoute({
  method: "get",
  path: PATH,
  summary: "Files, newest first",
  description: "Of what agents wrote the newest version only, unless `run` or `path` is given.",
  middleware: see,
  request: {
    params: companyParams,
    query: pageQuery.extend({
      agent: id.optional(),
      session: id.optional(),
      run: id.optional(),
      path: z.string().max(4_096).optional().openapi({ description: "in a workspace, whole" }),
      q: z.string().trim().min(1).max(200).optional().openapi({ description: "part of a name or path" }),
    }),
  },
  responses: { 200: answer(pageOf(fileShape), "A page of files") },
});

const get = createRoute({
  method: "get",
  path: `${PATH}/{fileId}`,
  summary: "One file",
  middleware: see,
  request: { params },
  responses: { 200: answer(fileShape, "The file") },
});

const content = createRoute({
  method: "get",
  path: `${PATH}/{fileId}/content`,
  summary: "The bytes of a file",
  description: "Takes Range and If-None-Match. `inline=1` shows pictures, PDFs and plain text; everything else is saved.",
  middleware: see,
  request: { params, query: z.object({ inline: z.enum(["0", "1"]).optional() }) },
  responses: {
    200: { description: "The bytes", content: { "application/octet-stream": { schema: z.string() } } },
    206: { description: "The part asked for" },
    304: { description: "Unchanged" },
  },
});

const preview = createRoute({
  method: "get",
  path: `${PATH}/{fileId}/preview`,
  summary: "The beginning of a file as a screen shows it",
  middleware: see,
  request: { params },
  responses: { 200: answer(previewShape, "Text, rows of a table, or what else to show it with") },
});

const versions = createRoute({
  method: "get",
  path: `${PATH}/{fileId}/versions`,
  summary: "Every version of a file of a workspace, newest first",
  middleware: see,
  request: { params },
  responses: { 200: answer(z.object({ items: z.array(fileShape) }), "The versions") },
});

const remove = createRoute({
  method: "delete",
  path: `${PATH}/{fileId}`,
  summary: "Delete a file: one's own upload, or any as an admin",
  middleware: policy({ auth: "person", scope: "company", minRole: "member", mutates: true, whenFull: "allow" }),
  request: { params },
  responses: { 204: { description: "Deleted" } },
});

/** @throws 404 for files of other companies, and of conversations the caller may not see */
export async function requireFile(c: AppContext, file: string): Promise<FileOut> {
  const found = await findVisibleFile(c.get("services").read, membershipOf(c).company, identityOf(c).user.id, file);
  if (!found) throw notFound();
  return found;
}

export function fileRoutes() {
  return newRouter()
    .openapi(list, async (c) => {
      const { limit, cursor, ...query } = c.req.valid("query");
      const { company } = membershipOf(c);
      const { user } = identityOf(c);
      const rows = await listFiles(c.get("services").read, company, user.id, { ...query, below: cursor }, limit + 1);
      return c.json(
        cutPage(rows, limit, (file) => file.id),
        200,
      );
    })
    .openapi(get, async (c) => c.json(await requireFile(c, c.req.valid("param").fileId), 200))
    .openapi(content, async (c) => {
      const file = await requireFile(c, c.req.valid("param").fileId);
      return serveFile(c.get("services").files, membershipOf(c).company, file, {
        method: c.req.method,
        inline: c.req.valid("query").inline === "1",
        range: c.req.header("range"),
        ifRange: c.req.header("if-range"),
        ifNoneMatch: c.req.header("if-none-match"),
      });
    })
    .openapi(preview, async (c) => {
      const file = await requireFile(c, c.req.valid("param").fileId);
      return c.json(await previewOf(c.get("services").files, membershipOf(c).company, file), 200);
    })
    .openapi(versions, async (c) => {
      const file = await requireFile(c, c.req.valid("param").fileId);
      const { company } = membershipOf(c);
      const items = await versionsOf(c.get("services").read, company, identityOf(c).user.id, file, VERSIONS);
      return c.json({ items }, 200);
    })
    .openapi(remove, async (c) => {
      const file = await requireFile(c, c.req.valid("param").fileId);
      const { company, role } = membershipOf(c);
      const actor = actorRefOf(identityOf(c));
      if (file.by.id !== actor.id && !atLeast(role, "admin")) {
        throw forbidden("Only who uploaded a file, or an admin, can delete it.");
      }
      const { write, files, read } = c.get("services");
      const hidden = file.session !== undefined && (await isPrivate(read, file.session));
      await write(
        ({ now, activity }) => [
          stillAllowed(c),
          { sql: "UPDATE files SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL", args: [now, file.id] },
          orRefuse("gone"),
          forgetFile(file.id),
          activity({
            chain: company,
            actor,
            action: "file.deleted",
            subject: { kind: "file", id: file.id },
            data: hidden ? { private: true } : { name: file.name, path: file.path ?? null },
          }),
        ],
        { chains: [company] },
      );
      if (file.sha256 !== null) await files.release(company, file.sha256);
      return c.body(null, 204);
    });
}
