/** Wakes: dropped when repeated, merged while the same subject waits, refused with a reason, else a run. */

import { type Refused, refuse } from "../lib/core.ts";
import type { ActorRef, Subject, Wake } from "../protocol/common.ts";
import { LIMITS } from "../protocol/limits.ts";
import type { LiveRun } from "./private.ts";
import type { Turn } from "./turn.ts";

/** Wake keys remembered; the link's own dedupe covers the rest. */
const KEYS = 200;
/** Characters of a title taken from the prompt. */
const TITLE_CHARS = 80;

/** Sources that a person stands behind; the others can loop. */
const BY_PEOPLE: readonly Wake["source"][] = ["person", "chat", "comment", "mention", "approval", "channel"];

const SYSTEM: ActorRef = { id: "system", name: "Atrium", kind: "system" };

/** @returns a refusal, or undefined with the answer in `turn.result` */
export function takeWake(turn: Turn, wake: Wake): Refused | undefined {
  const { state, now } = turn;
  if (!state.config) return refuse("not_ready", "This agent is still being set up. Try again in a moment.", { retryable: true });
  if (state.status.kind === "retired") return refuse("retired", "This agent is retired and takes no more work.");
  const seen = turn.wakes.keys[wake.key];
  if (seen) {
    turn.result = { runId: seen.run };
    return undefined;
  }
  if (state.status.kind === "paused") {
    return refuse(state.status.reason === "stopped" ? "stopped" : "paused", `${state.config.name} is paused. Resume it first.`);
  }
  if (state.queue.length >= LIMITS.queueLength)
    return refuse("queue_full", `${state.config.name} already has ${LIMITS.queueLength} runs waiting.`);
  if (!BY_PEOPLE.includes(wake.source) && loops(turn, wake)) return undefined;

  const into = wake.subject.kind === "none" ? undefined : notStarted(turn, wake.subject);
  const runId = into ?? turn.context.newId("run");
  if (into) merge(turn, into, wake);
  else queue(turn, runId, wake);
  remember(turn, wake.key, runId, now);
  turn.result = into ? { runId, merged: true } : { runId };
  return undefined;
}

function queue(turn: Turn, id: string, wake: Wake): void {
  const person = wake.requestedBy.kind === "person" ? wake.requestedBy : null;
  turn.emitRun(id, {
    type: "run.queued",
    title: titleOf(wake),
    source: wake.source,
    reason: wake.reason,
    by: wake.requestedBy,
    subject: wake.subject,
  });
  const run: LiveRun = {
    at: { kind: "ready", notBefore: turn.now },
    subject: wake.subject,
    cause: person,
    by: wake.requestedBy,
    journal: 1,
    lost: 0,
    ranMs: 0,
    fence: 0,
    calls: [],
    questions: [],
    steers: [],
  };
  turn.setRun(id, run);
  turn.journal(id, 0, [promptEntry(wake)]);
  turn.activity(wake.requestedBy, `asked ${turn.state.config?.name ?? "the agent"}: ${titleOf(wake)}`, id);
}

function merge(turn: Turn, id: string, wake: Wake): void {
  const run = turn.run(id);
  if (!run) return;
  turn.emit({
    type: "wake.merged",
    run: id,
    source: wake.source,
    reason: wake.reason,
    by: wake.requestedBy,
    text: wake.prompt.slice(0, 2_000),
  });
  turn.setRun(id, {
    ...run,
    journal: run.journal + 1,
    cause: run.cause ?? (wake.requestedBy.kind === "person" ? wake.requestedBy : null),
  });
  turn.journal(id, run.journal, [promptEntry(wake)]);
}

function promptEntry(wake: Wake): { kind: string; data: unknown } {
  return {
    kind: "prompt",
    data: { by: wake.requestedBy, text: wake.prompt, via: wake.source === "channel" ? "channel" : "prompt" },
  };
}

function titleOf(wake: Wake): string {
  // A rehearsal script starts with directives: their words make a poor title, the text behind them a good one.
  const line = wake.prompt
    .split("\n")
    .map((text) => text.replace(/^@(say|think|ask)\s+/, "").trim())
    .find((text) => text !== "" && !text.startsWith("@"));
  const title = (line ?? wake.reason) || "Untitled";
  return title.length > TITLE_CHARS ? `${title.slice(0, TITLE_CHARS - 1).trimEnd()}…` : title;
}

/** The run about the same subject that has not started. */
function notStarted(turn: Turn, subject: Subject): string | undefined {
  return turn.state.queue.find((id) => {
    const run = turn.run(id);
    const mine = run?.subject;
    return (
      run?.at.kind === "ready" &&
      mine?.kind === subject.kind &&
      mine.kind !== "none" &&
      subject.kind !== "none" &&
      mine.id === subject.id
    );
  });
}

function remember(turn: Turn, key: string, run: string, now: number): void {
  const kept = Object.entries({ ...turn.wakes.keys, [key]: { at: now, run } })
    .filter(([, entry]) => entry.at > now - LIMITS.commandDedupeMs)
    .slice(-KEYS);
  turn.setWakes({ keys: Object.fromEntries(kept) });
}

/** Parks the agent when machines alone keep waking it for the same thing. Source: docs/architecture.md, "Loop breaker". */
function loops(turn: Turn, wake: Wake): boolean {
  const subject = wake.subject.kind === "none" ? "none" : `${wake.subject.kind}:${wake.subject.id}`;
  const what = `${subject} ${wake.reason}`;
  const automatic = [...turn.wakes.automatic, { what, at: turn.now }].filter(
    (entry) => entry.at > turn.now - LIMITS.loopWindowMs,
  );
  turn.setWakes({ automatic });
  const times = automatic.filter((entry) => entry.what === what).length;
  if (times <= LIMITS.loopWakes) return false;
  turn.emit({
    type: "agent.paused",
    by: SYSTEM,
    reason: "loop",
    note: `Woken ${times} times in 10 minutes for "${wake.reason}" without a person`,
  });
  turn.emit({ type: "wake.refused", source: wake.source, reason: wake.reason, by: wake.requestedBy, code: "loop" });
  turn.setWakes({ automatic: [] });
  turn.result = { refused: "loop" };
  return true;
}
