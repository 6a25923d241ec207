/** The installation, for its owner: what runs, how it is, which companies there are, what the logs say. */
import { createRoute, z } from "@hono/zod-openapi";
import { loggedProcesses, tailOf } from "../../instance/logs.ts";
import { processesOf } from "../../instance/processes.ts";
import { versionsOf } from "../../instance/versions.ts";
import { identityOf } from "../context.ts";
import { notFound } from "../errors.ts";
import { cutPage, id, pageOf, pageQuery, role, time } from "../fields.ts";
import { liveOf } from "../live/state.ts";
import { policy } from "../route.ts";
import { answer, newRouter } from "../router.ts";
import type { Services } from "../services.ts";

const look = policy({ auth: "browser", scope: "instance", minRole: null, mutates: false });

const bytes = z.number().int().nonnegative();
const status = z
  .object({
    versions: z.object({ app: z.string(), node: z.string(), workerd: z.string().nullable(), schema: z.string().nullable() }),
    /** s since the api was started */
    upS: z.number(),
    processes: z.array(
      z.object({ name: z.string(), pid: z.number(), residentBytes: bytes.nullable(), upS: z.number().nullable() }),
    ),
    rooms: z.object({
      answer: z.boolean(),
      linksOpen: z.number(),
      unanswered: z.number(),
      /** records rooms have yet to hear of, and those a room refused for good */
      waiting: z.number(),
      dead: z.number(),
    }),
    runners: z.array(
      z.object({ id: z.string(), slots: z.number(), running: z.number(), sandbox: z.string(), quietMs: z.number() }),
    ),
    viewers: z.number(),
    disk: z.object({ ok: z.boolean(), freeBytes: bytes, databaseBytes: bytes }),
    mail: z.object({ on: z.boolean(), waiting: z.number(), dead: z.number(), lastError: z.string().nullable() }),
  })
  .openapi("InstanceStatus");

const getStatus = createRoute({
  method: "get",
  path: "/api/instance",
  summary: "How the installation is",
  middleware: look,
  responses: { 200: answer(status, "Versions, processes, rooms, runners, disk, mail") },
});

const companyRow = z
  .object({
    id,
    name: z.string(),
    members: z.number(),
    agents: z.number(),
    owners: z.number(),
    createdAt: time,
    /** the caller's; null when they are not a member and so cannot open it */
    role: role.nullable(),
  })
  .openapi("InstanceCompany");

const listCompanies = createRoute({
  method: "get",
  path: "/api/instance/companies",
  summary: "Every company of the installation",
  middleware: look,
  request: { query: pageQuery },
  responses: { 200: answer(pageOf(companyRow), "Companies, oldest first. Owning the installation opens none of them") },
});

const getLogs = createRoute({
  method: "get",
  path: "/api/instance/logs",
  summary: "The end of a process's log",
  middleware: look,
  request: {
    query: z.object({
      process: z.string().max(40).default("api"),
      lines: z.coerce.number().int().min(1).max(1_000).default(200),
    }),
  },
  responses: {
    200: answer(z.object({ processes: z.array(z.string()), lines: z.array(z.string()) }), "Oldest line first, without secrets"),
  },
});

export function instanceRoutes() {
  return newRouter()
    .openapi(getStatus, async (c) => c.json(await readStatus(c.get("services")), 200))
    .openapi(listCompanies, async (c) => {
      const { limit, cursor } = c.req.valid("query");
      const { rows } = await c.get("services").read.execute({
        sql: `SELECT c.id, c.name, c.created_at,
            (SELECT count(*) FROM members m WHERE m.company = c.id AND m.removed_at IS NULL) AS members,
            (SELECT count(*) FROM members m JOIN users u ON u.id = m.user
              WHERE m.company = c.id AND m.removed_at IS NULL AND m.role = 'owner' AND u.disabled_at IS NULL) AS owners,
            (SELECT count(*) FROM agents a WHERE a.company = c.id AND a.retired_at IS NULL) AS agents,
            (SELECT m.role FROM members m WHERE m.company = c.id AND m.user = ? AND m.removed_at IS NULL) AS own
          FROM companies c WHERE c.id > ? ORDER BY c.id LIMIT ?`,
        args: [identityOf(c).user.id, cursor ?? "", limit + 1],
      });
      const page = cutPage(rows, limit, (row) => String(row.id));
      const items = page.items.map((row) => ({
        id: String(row.id),
        name: String(row.name),
        members: Number(row.members),
        agents: Number(row.agents),
        owners: Number(row.owners),
        createdAt: String(row.created_at),
        role: role.safeParse(row.own).data ?? null,
      }));
      return c.json({ ...page, items }, 200);
    })
    .openapi(getLogs, async (c) => {
      const { dataFolder } = c.get("services").settings;
      const { process: name, lines } = c.req.valid("query");
      const processes = await loggedProcesses(dataFolder);
      // A process started apart has no log here: that is an empty page, not a missing one.
      if (processes.length === 0) return c.json({ processes, lines: [] }, 200);
      const tail = await tailOf(dataFolder, name, lines);
      if (!tail) throw notFound();
      return c.json({ processes, lines: tail }, 200);
    });
}

async function readStatus(services: Services): Promise<z.infer<typeof status>> {
  const { rooms, disk, mail, read, settings } = services;
  const { runners, splicer } = liveOf(services);
  const [versions, processes, answers, counts, letters] = await Promise.all([
    versionsOf(services),
    processesOf(settings.dataFolder),
    rooms.ping(),
    read.execute(
      `SELECT (SELECT count(*) FROM outbox) AS waiting, (SELECT count(*) FROM outbox_dead) AS dead,
        (SELECT page_count FROM pragma_page_count()) * (SELECT page_size FROM pragma_page_size()) AS bytes`,
    ),
    mail.counts(),
  ]);
  const row = counts.rows[0];
  const { linksOpen, unanswered } = rooms.stats();
  return {
    versions: { ...versions, workerd: versions.workerd ?? null, schema: versions.schema ?? null },
    upS: Math.round(process.uptime()),
    processes: processes.map(({ residentBytes = null, upS = null, ...one }) => ({ ...one, residentBytes, upS })),
    rooms: { answer: answers, linksOpen, unanswered, waiting: Number(row?.waiting), dead: Number(row?.dead) },
    runners: runners.list().map(({ runner, running, ...one }) => ({ id: runner, running: running.length, ...one })),
    viewers: splicer.open,
    disk: { ok: disk.state === "ok", freeBytes: disk.freeBytes, databaseBytes: Number(row?.bytes) },
    mail: { on: mail.on, waiting: letters.waiting, dead: letters.dead, lastError: letters.lastError ?? null },
  };
}
