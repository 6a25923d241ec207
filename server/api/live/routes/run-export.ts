/** A run to take along: everything as JSON, or a page to read. */

import { Readable } from "node:stream";
import { createRoute, z } from "@hono/zod-openapi";
import { contentDisposition, safeName } from "../../../files/names.ts";
import { webStream } from "../../../files/serve.ts";
import { roomsAway } from "../../errors.ts";
import { id } from "../../fields.ts";
import { policy } from "../../route.ts";
import { companyParams, newRouter } from "../../router.ts";
import { readRef } from "../refs.ts";
import { runEvents } from "../runs/events.ts";
import { exportHtml, PAGE_POLICY } from "../runs/export/html.ts";
import { exportJson } from "../runs/export/json.ts";
import type { ExportSource } from "../runs/export/source.ts";
import { showRun } from "../runs/find.ts";
import { requireRun, stillSees } from "../runs/seen.ts";

/** characters of a title in a file's name */
const NAME_CHARS = 80;

const route = createRoute({
  method: "get",
  path: "/api/companies/{companyId}/runs/{runId}/export",
  summary: "A run as a file",
  description: "`json` holds the run and every event, long texts in full; `html` is one page to read, without scripts.",
  middleware: policy({ auth: "person", scope: "company", minRole: "viewer", mutates: false }),
  request: {
    params: companyParams.extend({ runId: id }),
    query: z.object({ format: z.enum(["json", "html"]).default("json") }),
  },
  responses: {
    200: {
      description: "The file",
      content: { "application/json": { schema: z.string() }, "text/html": { schema: z.string() } },
    },
  },
});

const TYPES = { json: "application/json; charset=utf-8", html: "text/html; charset=utf-8" };

export function runExportRoutes() {
  return newRouter().openapi(route, async (c) => {
    const services = c.get("services");
    const found = await requireRun(c, c.req.valid("param").runId);
    const run = await showRun(services.rooms, found);
    if (!run) throw roomsAway();
    const source: ExportSource = {
      next: (after, limit) => runEvents(services.read, services.rooms, found, after, limit),
      text: (ref) => readRef(services, "agent", found.room, ref),
      allowed: () => stillSees(c, found),
    };
    const now = new Date(services.clock.now()).toISOString();
    const { format } = c.req.valid("query");
    const { rows } = await services.read.execute({ sql: "SELECT name FROM agents WHERE id = ?", args: [run.agent] });
    const parts =
      format === "json" ? exportJson(run, source, now) : exportHtml(run, String(rows[0]?.name ?? "Agent"), source, now);
    return c.body(webStream(Readable.from(parts, { objectMode: false })), 200, {
      "content-type": TYPES[format],
      "content-disposition": contentDisposition("attachment", safeName(`${run.title.slice(0, NAME_CHARS)}.${format}`)),
      // Opened in a browser all the same, it is a page of nobody's: no scripts, no origin.
      "content-security-policy": `sandbox; ${PAGE_POLICY}`,
    });
  });
}
