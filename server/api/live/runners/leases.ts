/** The fences the api has seen: what a run token is checked against. A fence is `(generation, n)` and only grows. */
import type { Client } from "@libsql/client/sqlite3";
import { mustHold, orRefuse, type Write } from "../../../../db/write-queue.ts";
import type { DispatchRequest, RunTokenClaims } from "../../../../party/protocol/internal.ts";
import { laneRoom } from "../../../../party/protocol/lanes.ts";

/** Code of a refused write: a newer fence is there already. */
export const STALE_FENCE = "stale_fence";

/**
 * Raises the fence of a run and names the runner that may use it. From here on every token of a lower fence is refused.
 * @throws {WriteRefused} with `STALE_FENCE`, or `gone` when the company is
 */
export async function raiseFence(write: Write, request: DispatchRequest, runner: string): Promise<void> {
  const { run, agent, lane, company, generation, fence } = request;
  await write(({ now }) => [
    mustHold("gone", "SELECT EXISTS (SELECT 1 FROM companies WHERE id = ?)", [company]),
    {
      sql: `INSERT INTO run_leases (run, agent, lane, company, runner, generation, fence, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (run) DO UPDATE SET runner = excluded.runner, generation = excluded.generation, fence = excluded.fence,
          at = excluded.at
        WHERE (excluded.generation, excluded.fence) >= (run_leases.generation, run_leases.fence)`,
      args: [run, agent, lane ?? null, company, runner, generation, fence, now],
    },
    orRefuse(STALE_FENCE),
  ]);
}

/** True while no other fence of the run was raised above the token's. */
export async function holdsFence(read: Client, { run, runner, generation, fence }: RunTokenClaims): Promise<boolean> {
  const { rows } = await read.execute({
    sql: "SELECT 1 FROM run_leases WHERE run = ? AND runner = ? AND generation = ? AND fence = ?",
    args: [run, runner, generation, fence],
  });
  return rows.length > 0;
}

/** Agents' rooms with a run that this runner was the last to get and that has not ended as far as the archive knows. */
export async function agentRoomsOf(read: Client, runner: string): Promise<string[]> {
  const { rows } = await read.execute({
    sql: `SELECT DISTINCT l.agent, l.lane FROM run_leases l LEFT JOIN runs r ON r.id = l.run
      WHERE l.runner = ? AND (r.state IS NULL OR r.state <> 'ended')`,
    args: [runner],
  });
  return rows.map(({ agent, lane }) => (lane === null ? String(agent) : laneRoom(String(agent), String(lane))));
}
