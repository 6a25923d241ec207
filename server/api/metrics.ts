/** Numbers for Prometheus. Labels are route patterns, never paths: ids would make a new series each. */
import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { AppEnv } from "./context.ts";
import { liveOf } from "./live/state.ts";
import type { Services } from "./services.ts";

/** s; around the goals: a few ms for a record, a second for a stream's first byte */
const BUCKETS_S = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

export type Metrics = { count: MiddlewareHandler<AppEnv>; text(): Promise<string>; contentType: string };

export function createMetrics(services: Services): Metrics {
  const registry = new Registry();
  const seconds = new Histogram({
    name: "atrium_http_request_seconds",
    help: "Time until the answer began",
    labelNames: ["method", "route", "status"],
    buckets: BUCKETS_S,
    registers: [registry],
  });
  const failures = new Counter({
    name: "atrium_http_failures_total",
    help: "Answers with a status of 500 or more",
    labelNames: ["route"],
    registers: [registry],
  });
  gauge(registry, "atrium_disk_free_bytes", "Free space of the data folder's disk", () => services.disk.freeBytes);
  gauge(registry, "atrium_room_links_open", "Open sockets to rooms", () => services.rooms.stats().linksOpen);
  gauge(registry, "atrium_room_unanswered", "Messages to rooms without an answer yet", () => services.rooms.stats().unanswered);
  gauge(registry, "atrium_runners", "Connected runners", () => liveOf(services).runners.connected);
  gauge(registry, "atrium_outbox_rows", "Records rooms have yet to hear of", () => countRows(services, "outbox"));
  gauge(registry, "atrium_outbox_dead_rows", "Records a room refused for good", () => countRows(services, "outbox_dead"));
  gauge(registry, "atrium_viewer_sockets", "Viewers' sockets spliced to rooms", () => liveOf(services).splicer.open);
  gauge(registry, "atrium_event_streams", "Open event streams of runs", () => liveOf(services).archived.size);
  total(registry, "atrium_archived_events_total", "Events of rooms stored since the start", () => liveOf(services).archive.total);
  total(
    registry,
    "atrium_stale_fences_total",
    "Requests refused for an old fence since the start",
    () => liveOf(services).staleFences,
  );
  let defaults = false;
  return {
    contentType: registry.contentType,
    count: async (c, next) => {
      const end = seconds.startTimer();
      await next();
      const route = routePath(c);
      end({ method: c.req.method, route, status: c.res.status });
      if (c.res.status >= 500) failures.inc({ route });
    },
    text() {
      // The event loop's monitor costs a little all the time: it starts with the first scrape.
      if (!defaults) collectDefaultMetrics({ register: registry });
      defaults = true;
      return registry.metrics();
    },
  };
}

function gauge(registry: Registry, name: string, help: string, read: () => number | Promise<number>): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    async collect() {
      this.set(await read());
    },
  });
}

/** A counter that is kept elsewhere: what it counts does not load this library. */
function total(registry: Registry, name: string, help: string, read: () => number): void {
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset();
      this.inc(read());
    },
  });
}

async function countRows({ read }: Services, table: "outbox" | "outbox_dead"): Promise<number> {
  const { rows } = await read.execute(`SELECT count(*) AS n FROM ${table}`);
  return Number(rows[0]?.n);
}
