/** The end of a run, whoever brings it about. Happens once. */
import type { ActorRef, RunError, Usage } from "../protocol/common.ts";
import { NO_USAGE } from "../protocol/common.ts";
import type { Outcome } from "../protocol/run-events.ts";
import { rememberDone } from "./taken.ts";
import type { Turn } from "./turn.ts";

export type End = { outcome: Outcome; by?: ActorRef; error?: RunError; text?: string; usage?: Usage; cost?: number; ms?: number };

/** Words for the activity strip. */
const WORDS: Record<Outcome, string> = {
  done: "finished",
  aborted: "was stopped in",
  failed: "failed in",
  budget: "reached its budget in",
  limit: "reached a limit in",
  declined: "declined",
  interrupted: "was interrupted in",
};

/** Ends a run that no runner ends itself. */
export function endRun(turn: Turn, id: string, end: End): void {
  const view = turn.state.runs[id];
  const run = turn.run(id);
  if (!view || !run) return;
  for (const { block, kind } of view.openBlocks) {
    if (kind === "text" || kind === "thinking" || kind === "tool_input")
      turn.emitRun(id, { type: "block.ended", block, kind, text: "", void: true });
  }
  for (const call of view.calls) {
    // An effect that was under way when its runner died is unknown; one that waited for consent never began.
    const decision = run.calls.find((standing) => standing.call === call.call)?.approval?.decision;
    const began = call.policy === "auto" || decision === "allow" || decision === "edit";
    turn.emitRun(id, {
      type: "tool.ended",
      call: call.call,
      ok: false,
      output: "The run ended first.",
      ms: 0,
      effect: began ? "unknown" : "none",
    });
  }
  turn.emitRun(id, {
    type: "run.ended",
    outcome: end.outcome,
    text: end.text,
    error: end.error,
    usage: end.usage ?? view.usage ?? NO_USAGE,
    cost: end.cost ?? view.cost,
    basis: view.basis,
    ms: end.ms ?? run.ranMs,
    by: end.by,
  });
  afterEnd(turn, id, end);
}

/** What follows an end: nothing may wait for the run any more. */
export function afterEnd(turn: Turn, id: string, end: End): void {
  const run = turn.run(id);
  const view = turn.state.runs[id];
  const { config } = turn.state;
  if (!run || !view || !config) return;
  turn.company({ kind: "approval.cancel", run: id, why: "The run ended" });
  const me: ActorRef = { id: config.id, name: config.name, kind: "agent" };
  turn.activity(me, `${WORDS[end.outcome]} ${view.title}`, id);
  if (run.subject.kind === "session") {
    turn.say("session", run.subject.id, {
      kind: "answer.ended",
      run: id,
      agent: config.id,
      agentName: config.name,
      message: run.message,
      outcome: end.outcome,
      text: end.text,
      note: end.error && [end.error.message, end.error.whatToDo].filter(Boolean).join(" "),
    });
  }
  rememberDone(turn, id, run);
  turn.close({ kind: "feeder", run: id, why: "released" });
  turn.dropRun(id);
}
