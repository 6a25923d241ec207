/** Finds a runner for a run: fence first, then an offer to one runner after another until one accepts. */
import type { Client } from "@libsql/client/sqlite3";
import type { Logger } from "pino";
import { WriteRefused } from "../../../../db/errors.ts";
import type { Write } from "../../../../db/write-queue.ts";
import { type DispatchRequest, type RunTokenClaims, roomPath, runTokenClaims } from "../../../../party/protocol/internal.ts";
import { laneRoom } from "../../../../party/protocol/lanes.ts";
import { LIMITS } from "../../../../party/protocol/limits.ts";
import { readToken, signToken } from "../../../../party/protocol/sign.ts";
import { holdsFence, raiseFence, STALE_FENCE } from "./leases.ts";
import type { RunnerRegistry } from "./registry.ts";

/** Purpose of a run token, part of its signature. */
const RUN_TOKEN = "run";
/** ms; the longest a claim can run, and an hour for what surrounds it */
const RUN_TOKEN_MS = LIMITS.runMs + 60 * 60_000;

export type DispatchDeps = {
  write: Write;
  runners: RunnerRegistry;
  roomsUrl: string;
  roomsSecret: string;
  now(): number;
  log: Logger;
};

export type DispatchOutcome = { kind: "accepted"; runner: string } | { kind: "stale" } | { kind: "gone" } | { kind: "none" };

/** Hands a run to a runner with a free slot. `none`: nobody took it, the room asks again. */
export async function dispatch(deps: DispatchDeps, request: DispatchRequest): Promise<DispatchOutcome> {
  const { run, agent, lane, company, generation, fence } = request;
  const room = lane === undefined ? agent : laneRoom(agent, lane);
  const asked = new Set<string>();
  for (let runner = deps.runners.pick(asked); runner; runner = deps.runners.pick(asked)) {
    asked.add(runner);
    try {
      await raiseFence(deps.write, request, runner);
    } catch (error) {
      if (!(error instanceof WriteRefused)) throw error;
      return { kind: error.code === STALE_FENCE ? "stale" : "gone" };
    }
    const expiresAt = deps.now() + RUN_TOKEN_MS;
    const claims: RunTokenClaims = { run, agent, lane, company, runner, generation, fence, expiresAt };
    const token = signToken(deps.roomsSecret, RUN_TOKEN, claims);
    const feeder = deps.roomsUrl.replace(/^http/, "ws") + roomPath("agent", room);
    // A lane works in a folder of its own: what a private conversation makes is no business of the others.
    const start = { type: "start", run, agent: room, company, generation, fence, token, feeder } as const;
    const accepted = await deps.runners.offer(runner, start);
    if (accepted) return { kind: "accepted", runner };
    deps.log.warn({ run, runner, fence }, "a runner did not take a run");
  }
  return { kind: "none" };
}

export type TokenCheck = { kind: "valid"; claims: RunTokenClaims } | { kind: "invalid" } | { kind: "stale" };

/** Checks a run token: signature, time, and that no newer fence was raised. @param run when given, the only one it may be for */
export async function checkRunToken(
  read: Client,
  secret: string,
  token: string | undefined,
  run: string | undefined,
  now: number,
): Promise<TokenCheck> {
  const parsed = runTokenClaims.safeParse(token === undefined ? undefined : readToken(secret, RUN_TOKEN, token));
  if (!parsed.success || parsed.data.run !== (run ?? parsed.data.run) || parsed.data.expiresAt <= now) return { kind: "invalid" };
  return (await holdsFence(read, parsed.data)) ? { kind: "valid", claims: parsed.data } : { kind: "stale" };
}
