/**
 * Who may carry out a run. A run that nobody holds is given to a runner through a dispatch with a new fence; a claim with
 * that fence gets the lease; a lease ends by release, by the runner's death or by its TTL. Fences only grow.
 */

import { type Refused, refuse } from "../lib/core.ts";
import type { FeederFrame, RunInput } from "../protocol/internal.ts";
import { LIMITS } from "../protocol/limits.ts";
import { endRun } from "./ends.ts";
import { type LiveRun, liveRunsOf } from "./private.ts";
import type { Turn } from "./turn.ts";

/** Gives waiting runs to runners while the agent's concurrency allows. */
export function dispatchReady(turn: Turn): void {
  const { config, status } = turn.state;
  if (!config || status.kind !== "ready") return;
  const runs = liveRunsOf(turn.priv);
  let free = config.maxConcurrentRuns - runs.filter(([, run]) => run.at.kind === "leased" || run.at.kind === "dispatched").length;
  const order = (id: string) => {
    const place = turn.state.queue.indexOf(id);
    // A run that goes on comes before one that starts: its people are waiting.
    return place === -1 ? -1 : place;
  };
  const ready = runs
    .filter(([, run]) => run.at.kind === "ready" && run.at.notBefore <= turn.now)
    .sort(([a], [b]) => order(a) - order(b));
  for (const [id, run] of ready) {
    if (free <= 0) return;
    free -= 1;
    const fence = turn.main.fence + 1;
    turn.setMain({ fence });
    turn.setRun(id, { ...run, at: { kind: "dispatched", fence, at: turn.now } });
    turn.dispatch(id, fence);
  }
}

/** The api's answer: who is to claim the run; without a free runner the room asks again soon. */
export function dispatched(turn: Turn, id: string, fence: number, runner: string | undefined): void {
  const run = turn.run(id);
  if (run?.at.kind !== "dispatched" || run.at.fence !== fence) return;
  const at: LiveRun["at"] = runner ? { ...run.at, runner } : { kind: "ready", notBefore: turn.now + LIMITS.dispatchRetryMs };
  turn.setRun(id, { ...run, at });
}

/** A runner asks for the run it was given, or comes back to it after its socket broke. */
export function claim(turn: Turn, frame: Extract<FeederFrame, { type: "claim" }>): Refused | undefined {
  const run = turn.run(frame.run);
  const view = turn.state.runs[frame.run];
  const { config } = turn.state;
  if (!run || !view || !config) return refuse("not_found", "There is no such run to claim.");
  if (run.at.kind === "leased" && run.at.lease.fence === frame.fence && run.at.lease.runner === frame.runner) {
    const lease = { ...run.at.lease, renewedAt: turn.now, graced: false };
    turn.setRun(frame.run, { ...run, at: { ...run.at, lease } });
    turn.result = claimed(turn, frame.run, run, lease.fence, lease.last);
    // It may have been said into the socket that broke.
    if (run.cancelledBy) turn.tell(frame.run, { type: "cancel", by: run.cancelledBy });
    return undefined;
  }
  if (run.at.kind !== "dispatched" || run.at.fence !== frame.fence)
    return refuse("fenced", "Another runner has this run, or will get it.");
  const lease = { runner: frame.runner, fence: frame.fence, renewedAt: turn.now, last: 0 };
  const held: LiveRun = { ...run, at: { kind: "leased", lease, since: turn.now }, fence: frame.fence };
  turn.setRun(frame.run, held);
  turn.result = claimed(turn, frame.run, held, frame.fence, 0);
  if (run.subject.kind === "session" && view.attempt === 0) {
    turn.say("session", run.subject.id, {
      kind: "answer.started",
      run: frame.run,
      agent: config.id,
      agentName: config.name,
      message: run.message,
    });
  }
  if (run.cancelledBy) turn.tell(frame.run, { type: "cancel", by: run.cancelledBy });
  return undefined;
}

function claimed(turn: Turn, id: string, run: LiveRun, fence: number, last: number): Record<string, unknown> {
  const view = turn.state.runs[id];
  const { config } = turn.state;
  // What an attempt that was lost had started must be started again; a run that only waited goes on in its attempt.
  const attempt = Math.max(1, run.lost + 1);
  const input: Omit<RunInput, "prompts"> = {
    id,
    title: view?.title ?? "",
    subject: run.subject,
    by: run.by,
    attempt,
    ranMs: run.ranMs,
  };
  return {
    fence,
    last,
    run: input,
    config: config && { ...config, instructions: turn.instructions },
    calls: run.calls,
    questions: run.questions,
    steers: run.steers,
    openBlocks: view?.openBlocks ?? [],
    interrupted: run.interruptedBy !== undefined,
  };
}

/** A lease that ended without a release: the attempt is lost, what it was executing is unknown. */
export function lose(turn: Turn, id: string, run: LiveRun): void {
  if (run.at.kind !== "leased") return;
  const lost = run.lost + 1;
  turn.close({ kind: "feeder", run: id, why: "fenced" });
  turn.company({ kind: "approval.lost", run: id, below: run.at.lease.fence + 1 });
  const ranMs = run.ranMs + Math.max(0, Math.min(run.at.lease.renewedAt, turn.now) - run.at.since);
  const freed: LiveRun = { ...run, lost, ranMs, at: { kind: "ready", notBefore: turn.now } };
  turn.setRun(id, freed);
  if (run.cancelledBy) endRun(turn, id, { outcome: "aborted", by: run.cancelledBy });
  else if (lost >= LIMITS.runAttempts) {
    endRun(turn, id, {
      outcome: "interrupted",
      error: {
        code: "runner_lost",
        message: `The runner died ${lost} times while working on this.`,
        retryable: true,
        whatToDo: "Look at the runner's log, then start the run again.",
      },
    });
  } else turn.emitRun(id, { type: "run.state", state: "retrying", why: "The runner went away; another one goes on" });
}

export function runnerGone(turn: Turn, runner: string): void {
  for (const [id, run] of liveRunsOf(turn.priv)) {
    if (run.at.kind === "leased" && run.at.lease.runner === runner) lose(turn, id, run);
    // It died between taking the run and claiming it: nothing was begun.
    else if (run.at.kind === "dispatched" && run.at.runner === runner)
      turn.setRun(id, { ...run, at: { kind: "ready", notBefore: turn.now } });
  }
}

/** Ends leases and dispatches that are overdue. */
export function expire(turn: Turn): void {
  for (const [id, run] of liveRunsOf(turn.priv)) {
    if (run.at.kind === "leased") expireLease(turn, id, run, run.at);
    if (run.at.kind === "dispatched" && run.at.at + LIMITS.dispatchTimeoutMs <= turn.now) {
      turn.setRun(id, { ...run, at: { kind: "ready", notBefore: turn.now } });
    }
  }
}

/**
 * A lease that is overdue by far was not watched: the clock was set forward, or the machine slept. It gets one more TTL, so
 * that a jump never hastens a takeover by more than the alarm's own slack.
 */
function expireLease(turn: Turn, id: string, run: LiveRun, at: Extract<LiveRun["at"], { kind: "leased" }>): void {
  const overdue = turn.now - at.lease.renewedAt - LIMITS.leaseTtlMs;
  if (overdue < 0) return;
  if (overdue <= LIMITS.alarmSlackMs || at.lease.graced) lose(turn, id, run);
  else turn.setRun(id, { ...run, at: { ...at, lease: { ...at.lease, renewedAt: turn.now, graced: true } } });
}

/**
 * After a restart every lease gets a full TTL, so that a jump of the clock delays a takeover and never hastens one. Once
 * per lease: a room that only its own alarm wakes would otherwise give a silent runner a new TTL each time, forever.
 */
export function renewAll(turn: Turn): void {
  for (const [id, run] of liveRunsOf(turn.priv)) {
    // One renewed in the future was renewed before the clock was set back.
    if (run.at.kind === "leased" && (!run.at.lease.graced || run.at.lease.renewedAt > turn.now)) {
      turn.setRun(id, { ...run, at: { ...run.at, lease: { ...run.at.lease, renewedAt: turn.now, graced: true } } });
    }
    // A pause of a second may read as an hour when the clock was set back meanwhile.
    const paused = run.at.kind === "ready" && run.at.notBefore > turn.now;
    if (run.at.kind === "dispatched" || paused) turn.setRun(id, { ...run, at: { kind: "ready", notBefore: turn.now } });
  }
}

/** When the room must look at its runs again. */
export function nextDue(runs: [string, LiveRun][]): number | undefined {
  let due: number | undefined;
  for (const [, run] of runs) {
    let at: number | undefined;
    if (run.at.kind === "leased") at = run.at.lease.renewedAt + LIMITS.leaseTtlMs;
    if (run.at.kind === "dispatched") at = run.at.at + LIMITS.dispatchTimeoutMs;
    if (run.at.kind === "ready") at = run.at.notBefore;
    if (at !== undefined && (due === undefined || at < due)) due = at;
  }
  return due;
}
