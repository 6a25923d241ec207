/** The two listeners: the public port, and the loopback one our own processes use. */
import { once } from "node:events";
import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";
import type { AppEnv } from "./context.ts";

/** Source of the reasons: slow clients may not hold connections for longer than an honest one needs. */
const TIMEOUTS = {
  /** ms for all headers */
  headersTimeout: 10_000,
  /** ms for the whole request; answers (streams) are not limited by it */
  requestTimeout: 30_000,
  /** ms an idle connection stays; above the 60 s of common proxies, which would otherwise meet closed ones */
  keepAliveTimeout: 65_000,
} as const;

/** A server for the app, not yet listening: upgrades are attached first. */
export function createServerFor(app: Pick<Hono<AppEnv>, "fetch">): Server {
  const server = createAdaptorServer({ fetch: app.fetch, serverOptions: TIMEOUTS });
  // The adaptor's type also covers HTTP/2, which is not asked for here.
  if (!("closeAllConnections" in server)) throw new Error("expected an HTTP/1.1 server");
  return server;
}

/** Listens, or rejects with what the system says. */
export async function listen(server: Server, host: string, port: number): Promise<void> {
  server.listen({ host, port });
  await once(server, "listening");
}

/** Takes no new connection and drops those that are open. */
export async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}
