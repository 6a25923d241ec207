/** A run claims the right to carry out an approved call, and says how it went. Both need the newest fence of the run. */
import { createRoute, z } from "@hono/zod-openapi";
import type { RoomOp, RunTokenClaims } from "../../../../party/protocol/internal.ts";
import { laneRoom } from "../../../../party/protocol/lanes.ts";
import { EFFECTS } from "../../../../party/protocol/run-events.ts";
import type { AppContext } from "../../context.ts";
import { ApiError, conflict, unauthenticated } from "../../errors.ts";
import { id } from "../../fields.ts";
import { policy } from "../../route.ts";
import { answer, jsonBody, newRouter } from "../../router.ts";
import { asRefusal } from "../commands.ts";
import { checkRunToken } from "../runners/dispatch.ts";
import { STALE_FENCE } from "../runners/leases.ts";
import type { Live } from "../state.ts";

const PATH = "/internal/runs/{runId}";
const params = z.object({ runId: id });
const byRun = policy({ auth: "run", scope: "instance", minRole: null, mutates: true, whenFull: "allow" });

const claimed = z.object({ granted: z.boolean(), code: z.string().optional() });

const execute = createRoute({
  method: "post",
  path: `${PATH}/execute`,
  summary: "Claim the right to carry out an approved call",
  middleware: byRun,
  request: { params, body: jsonBody(z.object({ approval: id, digest: z.string().length(64) })) },
  responses: {
    200: answer(claimed, "`granted: false` names why the call may not run after all"),
  },
});

const executed = createRoute({
  method: "post",
  path: `${PATH}/executed`,
  summary: "Say how an approved call went",
  middleware: byRun,
  request: { params, body: jsonBody(z.object({ approval: id, effect: z.enum(EFFECTS) })) },
  responses: { 200: answer(z.object({ seq: z.number().int() }), "Stored by the company's room") },
});

const BEARER = /^Bearer (\S+)$/i;

async function requireRunToken(c: AppContext, live: Live, run: string): Promise<RunTokenClaims> {
  const { read, secrets, clock } = c.get("services");
  const token = BEARER.exec(c.req.header("authorization") ?? "")?.[1];
  const check = await checkRunToken(read, secrets.rooms, token, run, clock.now());
  if (check.kind === "valid") return check.claims;
  if (check.kind === "invalid") throw unauthenticated();
  live.staleFences += 1;
  throw conflict(STALE_FENCE, "Another runner has this run now.");
}

async function tell(c: AppContext, claims: RunTokenClaims, body: Extract<RoomOp, { approval: string }>) {
  // One claim and one report per fence: a repeat after a lost answer is the same request.
  const item = { id: `${body.op}:${body.approval}:${claims.generation}.${claims.fence}`, body };
  const { company, lane } = claims;
  const answer = await c.get("services").rooms.send("company", lane === undefined ? company : laneRoom(company, lane), item);
  if (!answer.ok) throw asRefusal(answer);
  return answer;
}

export function executeRoutes(live: Live) {
  return newRouter()
    .openapi(execute, async (c) => {
      const claims = await requireRunToken(c, live, c.req.valid("param").runId);
      const { run, fence } = claims;
      const { result } = await tell(c, claims, { op: "approval.execute", ...c.req.valid("json"), run, fence });
      const outcome = claimed.safeParse(result);
      // Whether the call may run is for the room to say. Silence is no consent: the runner asks again.
      if (!outcome.success) {
        const message = "The room did not say whether this may be carried out. Ask again.";
        throw new ApiError(503, "no_verdict", message, { retryAfterS: 1 });
      }
      return c.json(outcome.data, 200);
    })
    .openapi(executed, async (c) => {
      const claims = await requireRunToken(c, live, c.req.valid("param").runId);
      const { run, fence } = claims;
      const { seq } = await tell(c, claims, { op: "approval.executed", ...c.req.valid("json"), run, fence });
      return c.json({ seq }, 200);
    });
}
