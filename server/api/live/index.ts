/** The live part of the API: everything that talks with rooms and runners. */
import type { Server } from "node:http";
import { newRouter } from "../router.ts";
import type { Services } from "../services.ts";
import { archiveRoutes } from "./internal/archive.ts";
import { dispatchRoutes } from "./internal/dispatch.ts";
import { executeRoutes } from "./internal/execute.ts";
import { internalFileRoutes } from "./internal/files.ts";
import { generationRoutes } from "./internal/generation.ts";
import { modelAccessRoutes } from "./internal/model-access.ts";
import { commandLineRoutes } from "./internal/operator.ts";
import { processRoutes } from "./internal/process.ts";
import { agentRoutes } from "./routes/agents.ts";
import { approvalRoutes } from "./routes/approvals.ts";
import { messageRoutes } from "./routes/messages.ts";
import { needRoutes } from "./routes/needs.ts";
import { patternRoutes } from "./routes/patterns.ts";
import { questionRoutes } from "./routes/questions.ts";
import { runRoutes } from "./routes/runs.ts";
import { sessionRoutes } from "./routes/sessions.ts";
import { stopRoutes } from "./routes/stop.ts";
import { ticketRoutes } from "./routes/tickets.ts";
import { createControl } from "./runners/control.ts";
import { gatewayUpgrade } from "./runners/gateway.ts";
import { liveOf } from "./state.ts";

/** Routes of the public API. */
export function liveRoutes(_services: Services) {
  return newRouter()
    .route("/", ticketRoutes())
    .route("/", sessionRoutes())
    .route("/", messageRoutes())
    .route("/", agentRoutes())
    .route("/", runRoutes())
    .route("/", approvalRoutes())
    .route("/", questionRoutes())
    .route("/", patternRoutes())
    .route("/", needRoutes())
    .route("/", stopRoutes());
}

/** Routes of the loopback listener, for our own processes. */
export function internalRoutes(services: Services) {
  const live = liveOf(services);
  return newRouter()
    .route("/", archiveRoutes(live))
    .route("/", commandLineRoutes())
    .route("/", dispatchRoutes(services, live))
    .route("/", executeRoutes(live))
    .route("/", generationRoutes())
    .route("/", internalFileRoutes(live))
    .route("/", modelAccessRoutes(live))
    .route("/", processRoutes(services, live));
}

/**
 * Takes over the upgrades of both servers: viewers on the public one, runners on the loopback one.
 * @returns a function that drops every one of their sockets; servers wait for it when they close
 */
export function attachUpgrades(servers: { public: Server; internal: Server }, services: Services): { close(): void } {
  const { splicer, runners, remote, closing } = liveOf(services);
  const { clock, log, secrets } = services;
  const control = createControl({ runners, roomsSecret: secrets.rooms, now: () => clock.now(), log });
  const gateway = { open: remote, control: control.accept, feeder: splicer.feeder };
  servers.public.on("upgrade", (request, socket, head) => {
    if (!gatewayUpgrade(services, gateway, request, socket, head)) splicer.upgrade(request, socket, head);
  });
  servers.internal.on("upgrade", (request, socket, head) => control.upgrade(request, socket, head));
  return {
    close() {
      closing.abort();
      splicer.refuseNew();
      splicer.closeAll();
      runners.close();
    },
  };
}
