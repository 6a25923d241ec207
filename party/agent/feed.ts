/** Frames of the runner that holds a run: checked against the lease, folded into what the room knows of its calls. */

import { type FeederHold, type Refused, refuse } from "../lib/core.ts";
import { inlineText } from "../protocol/common.ts";
import type { FeederFrame } from "../protocol/internal.ts";
import type { RunEvent } from "../protocol/run-events.ts";
import { afterEnd, endRun } from "./ends.ts";
import { hasOpenAsks, type LiveRun } from "./private.ts";
import type { Turn } from "./turn.ts";

/** Events that only the room makes: a runner that sends one is broken. */
const ROOM_ONLY: readonly RunEvent["type"][] = ["run.queued", "approval.decided", "question.answered", "steer.queued"];

/** How the reason of a run that a person interrupted begins, whoever says it. */
const STOPPED = "Stopped by";

type Held = { run: LiveRun; lease: Extract<LiveRun["at"], { kind: "leased" }>["lease"]; since: number };

function held(turn: Turn, hold: FeederHold | undefined): Held | undefined {
  const run = hold && turn.run(hold.run);
  if (run?.at.kind !== "leased" || run.at.lease.fence !== hold?.fence || run.at.lease.runner !== hold.runner) return undefined;
  return { run, lease: run.at.lease, since: run.at.since };
}

export function renew(turn: Turn, hold: FeederHold | undefined): Refused | undefined {
  const mine = held(turn, hold);
  if (!mine || !hold) return refuse("fenced", "The lease is gone.");
  turn.setRun(hold.run, {
    ...mine.run,
    at: { kind: "leased", lease: { ...mine.lease, renewedAt: turn.now, graced: false }, since: mine.since },
  });
  return undefined;
}

export function takeEvents(
  turn: Turn,
  frame: Extract<FeederFrame, { type: "events" }>,
  hold: FeederHold | undefined,
): Refused | undefined {
  const mine = held(turn, hold);
  if (!mine || !hold || frame.fence !== hold.fence) return refuse("fenced", "The lease is gone.");
  if (frame.n <= mine.lease.last) return undefined;
  if (frame.n !== mine.lease.last + 1) return refuse("gap", `Frame ${frame.n} came after ${mine.lease.last}.`);
  const foreign = frame.events.find((event) => event.run !== hold.run || ROOM_ONLY.includes(event.type));
  if (foreign) return refuse("invalid", `A runner may not send ${foreign.type} for ${foreign.run}.`);
  const loose = (frame.asks ?? []).find(
    (ask) =>
      !frame.events.some(
        (event) => event.type === "approval.asked" && event.approval === ask.approval && event.call === ask.call,
      ),
  );
  if (loose) return refuse("invalid", `The approval ${loose.approval} has no event of its own in the frame.`);
  const endAt = frame.events.findIndex((event) => event.type === "run.ended");
  if (endAt !== -1 && endAt !== frame.events.length - 1) return refuse("invalid", "Nothing may follow the end of a run.");
  if ((endAt !== -1) !== (frame.release === "end")) return refuse("invalid", "The end of a run and its release go together.");

  const lease = { ...mine.lease, last: frame.n, renewedAt: turn.now, graced: false };
  const journal = frame.journal ?? [];
  let run: LiveRun = {
    ...mine.run,
    journal: mine.run.journal + journal.length,
    at: { kind: "leased", lease, since: mine.since },
  };
  turn.journal(hold.run, mine.run.journal, journal);
  withdraw(turn, hold.run, mine.run, frame.events);
  for (const event of frame.events) {
    turn.emit(event);
    run = standing(run, event);
  }
  for (const ask of frame.asks ?? []) {
    // Who asks, and on whose behalf, the room knows better than a runner.
    const { config, runs } = turn.state;
    const own = { run: hold.run, agent: turn.agent, cause: run.cause };
    const names = { agentName: config?.name ?? "", runTitle: runs[hold.run]?.title ?? "" };
    turn.company({ kind: "approval.ask", ask: { ...ask, ...own, ...names } });
  }
  for (const question of frame.questions ?? []) {
    const { config, runs } = turn.state;
    run = { ...run, questions: [...run.questions, { id: question.id }] };
    turn.company({
      kind: "question.ask",
      question: {
        ...question,
        agent: turn.agent,
        agentName: config?.name ?? "",
        run: hold.run,
        runTitle: runs[hold.run]?.title ?? "",
      },
    });
  }
  turn.setRun(hold.run, run);
  const end = frame.events.at(-1);
  if (end?.type === "run.ended")
    afterEnd(turn, hold.run, { outcome: end.outcome, error: end.error, text: end.text && inlineText(end.text) });
  else if (frame.release) release(turn, hold.run, run, mine.since);
  return undefined;
}

/** Calls that end before anyone decided leave nothing to decide: their approvals and questions close. */
function withdraw(turn: Turn, id: string, run: LiveRun, events: readonly RunEvent[]): void {
  const ended = new Set(events.flatMap((event) => (event.type === "tool.ended" ? [event.call] : [])));
  const approvals = run.calls.flatMap(({ call, approval }) =>
    ended.has(call) && approval && !approval.decision ? [approval.id] : [],
  );
  const questions = run.questions.flatMap((question) => (ended.has(question.id) && !question.answer ? [question.id] : []));
  if (approvals.length + questions.length === 0) return;
  turn.company({ kind: "approval.cancel", run: id, why: "The call was broken off", only: { approvals, questions } });
}

/** The runner lets go. What was decided while its last frame travelled lets the run go on at once. */
function release(turn: Turn, id: string, run: LiveRun, since: number): void {
  turn.close({ kind: "feeder", run: id, why: "released" });
  const at = parkedAt(turn, run);
  turn.setRun(id, { ...run, ranMs: run.ranMs + turn.now - since, at, interruptedBy: undefined });
  const by = run.interruptedBy?.name;
  // The interrupt crossed a release for another reason: the run would seem to wait for that alone.
  if (at.kind === "interrupted" && !turn.state.runs[id]?.why.startsWith(STOPPED)) {
    turn.emitRun(id, { type: "run.state", state: "waiting", why: `${STOPPED} ${by}, waiting for a follow-up` });
  }
  // The cancel crossed the release: nobody else will carry it out.
  if (run.cancelledBy) endRun(turn, id, { outcome: "aborted", by: run.cancelledBy });
}

/** Where a run stands that its runner has let go of. */
function parkedAt(turn: Turn, run: LiveRun): LiveRun["at"] {
  // What a person said after the interrupt is the follow-up it waits for.
  if (run.interruptedBy && run.steers.length === 0) return { kind: "interrupted" };
  if (!run.interruptedBy && hasOpenAsks(run)) return { kind: "waiting" };
  return { kind: "ready", notBefore: turn.now };
}

/** What a takeover must know of the run's calls. */
function standing(run: LiveRun, event: RunEvent): LiveRun {
  switch (event.type) {
    case "tool.called":
      return {
        ...run,
        made: (run.made ?? 0) + 1,
        calls: [
          ...run.calls.filter((call) => call.call !== event.call),
          { call: event.call, policy: event.policy, ended: false },
        ],
      };
    case "approval.asked":
      return withCall(run, event.call, { approval: { id: event.approval, digest: event.digest, by: [] } });
    case "tool.ended":
      return {
        ...run,
        calls: run.calls.filter((call) => call.call !== event.call),
        // A question asked by a call has the call's id.
        questions: run.questions.filter((question) => question.id !== event.call),
      };
    case "steer.applied":
    case "steer.dropped":
      return { ...run, steers: run.steers.filter((steer) => steer.id !== event.steer) };
    default:
      return run;
  }
}

function withCall(run: LiveRun, call: string, change: Partial<LiveRun["calls"][number]>): LiveRun {
  return { ...run, calls: run.calls.map((standing) => (standing.call === call ? { ...standing, ...change } : standing)) };
}
