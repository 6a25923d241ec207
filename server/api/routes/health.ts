/** Is it alive, and can it work: for the launcher, load balancers and people. */
import { createRoute, z } from "@hono/zod-openapi";
import { liveOf } from "../live/state.ts";
import { policy } from "../route.ts";
import { answer, json, newRouter } from "../router.ts";
import type { Services } from "../services.ts";

const open = policy({ auth: "none", scope: "instance", minRole: null, mutates: false });

const check = z.object({ ok: z.boolean(), why: z.string().optional() });
const readiness = z.object({
  ready: z.boolean(),
  checks: z.object({ database: check, rooms: check, disk: check, runner: check }),
});
type Check = z.infer<typeof check>;

const healthz = createRoute({
  method: "get",
  path: "/healthz",
  summary: "The process answers",
  middleware: open,
  responses: { 200: answer(z.object({ ok: z.literal(true), version: z.string() }), "Alive") },
});

const readyz = createRoute({
  method: "get",
  path: "/readyz",
  summary: "Everything that work needs is there",
  middleware: open,
  responses: {
    200: answer(readiness, "Ready"),
    503: { content: json(readiness), description: "Not ready; `why` says what is missing" },
  },
});

export function healthRoutes() {
  return newRouter()
    .openapi(healthz, (c) => c.json({ ok: true as const, version: c.get("services").settings.version }, 200))
    .openapi(readyz, async (c) => {
      const checks = await checkAll(c.get("services"));
      const ready = Object.values(checks).every(({ ok }) => ok);
      return ready ? c.json({ ready, checks }, 200) : c.json({ ready, checks }, 503);
    });
}

async function checkAll(services: Services) {
  const { rooms, disk } = services;
  const [database, roomsAnswer] = await Promise.all([checkDatabase(services), rooms.ping()]);
  return {
    database,
    rooms: verdict(roomsAnswer, "the rooms do not answer"),
    disk: verdict(disk.state === "ok", "the disk is full"),
    // Machines elsewhere come and go; without one, runs wait.
    runner: verdict(!services.settings.localRunner || liveOf(services).runners.connected > 0, "no runner is connected"),
  };
}

/** Takes and releases the write lock, and reads a table of the newest form. Writes nothing, so it may run often. */
async function checkDatabase({ write, read, log }: Services): Promise<Check> {
  try {
    await write(() => [{ sql: "SELECT 1 FROM write_guard" }]);
    await read.execute("SELECT 1 FROM instance LIMIT 1");
    return { ok: true };
  } catch (error) {
    log.error({ err: error }, "the database cannot be written");
    return { ok: false, why: "the database cannot be written" };
  }
}

function verdict(ok: boolean, why: string): Check {
  return ok ? { ok } : { ok, why };
}
