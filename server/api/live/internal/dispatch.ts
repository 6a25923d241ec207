/** What agents' rooms and the launcher ask about runners. */
import { createRoute, z } from "@hono/zod-openapi";
import { assertNever } from "../../../../party/protocol/assert.ts";
import { newId } from "../../../../party/protocol/ids.ts";
import { dispatchRequest } from "../../../../party/protocol/internal.ts";
import { ApiError, conflict } from "../../errors.ts";
import { id } from "../../fields.ts";
import { policy } from "../../route.ts";
import { answer, jsonBody, newRouter } from "../../router.ts";
import type { Services } from "../../services.ts";
import { dispatch } from "../runners/dispatch.ts";
import { agentRoomsOf, STALE_FENCE } from "../runners/leases.ts";
import type { Live } from "../state.ts";

const internal = policy({ auth: "internal", scope: "instance", minRole: null, mutates: true, whenFull: "allow" });

/**
 * ms after which rooms are told of a dead runner once more: the answer that named it as the taker of a run travels on another
 * connection and may reach the room after the news of its death
 */
const TOLD_AGAIN_MS = 1_000;

const dispatchRun = createRoute({
  method: "post",
  path: "/internal/dispatch",
  summary: "Find a runner for a run",
  middleware: internal,
  request: { body: jsonBody(dispatchRequest) },
  responses: { 200: answer(z.object({ runner: id }), "The runner that accepted") },
});

const runnerGone = createRoute({
  method: "post",
  path: "/internal/runners/gone",
  summary: "A runner is dead: its leases end at once",
  middleware: internal,
  request: { body: jsonBody(z.object({ runner: id })) },
  responses: { 200: answer(z.object({ rooms: z.number().int() }), "How many agents' rooms are told") },
});

export function dispatchRoutes(services: Services, live: Live) {
  const { read, write, rooms, settings, secrets, clock, log } = services;
  return newRouter()
    .openapi(dispatchRun, async (c) => {
      const deps = {
        write,
        runners: live.runners,
        roomsUrl: settings.roomsUrl,
        roomsSecret: secrets.rooms,
        now: () => clock.now(),
        log,
      };
      const outcome = await dispatch(deps, c.req.valid("json"));
      switch (outcome.kind) {
        case "accepted":
          return c.json({ runner: outcome.runner }, 200);
        case "stale":
          live.staleFences += 1;
          throw conflict(STALE_FENCE, "A newer fence of this run was raised already.");
        case "gone":
          throw new ApiError(410, "gone", "The company of this run was deleted.");
        case "none":
          throw new ApiError(503, "no_runner", "No runner has a free slot.", { retryAfterS: 1 });
        default:
          return assertNever(outcome);
      }
    })
    .openapi(runnerGone, async (c) => {
      const { runner } = c.req.valid("json");
      live.runners.gone(runner);
      const agents = await agentRoomsOf(read, runner);
      const tellRooms = () => {
        for (const agent of agents) {
          void rooms.send("agent", agent, { id: newId("cmd"), body: { op: "runner.gone", runner } }).then((answer) => {
            if (!answer.ok) log.warn({ agent, runner, code: answer.code }, "a room could not be told that a runner is dead");
          });
        }
      };
      // Not awaited: the launcher starts the next runner meanwhile. A room that is away ends the lease by its own clock.
      tellRooms();
      setTimeout(() => live.closing.signal.aborted || tellRooms(), TOLD_AGAIN_MS).unref();
      log.warn({ runner, rooms: agents.length }, "a runner is gone");
      return c.json({ rooms: agents.length }, 200);
    });
}
