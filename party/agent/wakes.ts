/** Wakes: dropped when repeated, merged while the same subject waits, refused with a reason, else a run. */

import { type Refused, refuse } from "../lib/core.ts";
import { promptRows } from "../lib/prompts.ts";
import type { ActorRef, Subject, Wake } from "../protocol/common.ts";
import type { Prompt } from "../protocol/internal.ts";
import { LIMITS } from "../protocol/limits.ts";
import { titleFrom } from "../protocol/titles.ts";
import type { LiveRun } from "./private.ts";
import { remember, runOfWake } from "./taken.ts";
import type { Turn } from "./turn.ts";

/** Characters of a title taken from the prompt. */
const TITLE_CHARS = 80;

/** Sources that a person stands behind; the others can loop. */
const BY_PEOPLE: readonly Wake["source"][] = ["person", "chat", "comment", "mention", "approval", "channel"];

const SYSTEM: ActorRef = { id: "system", name: "Atrium", kind: "system" };

/** @returns a refusal, or undefined with the answer in `turn.result` */
export function takeWake(turn: Turn, wake: Wake): Refused | undefined {
  const { state } = turn;
  if (!state.config) return refuse("not_ready", "This agent is still being set up. Try again in a moment.", { retryable: true });
  if (state.status.kind === "retired") return refuse("retired", "This agent is retired and takes no more work.");
  const seen = runOfWake(turn, wake.key);
  if (seen) {
    turn.result = { runId: seen };
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
  const row = into ? merge(turn, into, wake) : queue(turn, runId, wake);
  remember(turn, wake.key, runId, row);
  turn.result = into ? { runId, merged: true } : { runId };
  return undefined;
}

/** @returns the row of its prompt in the run's journal */
function queue(turn: Turn, id: string, wake: Wake): number {
  const person = wake.requestedBy.kind === "person" ? wake.requestedBy : null;
  turn.emitRun(id, {
    type: "run.queued",
    title: titleOf(wake),
    source: wake.source,
    reason: wake.reason,
    by: wake.requestedBy,
    subject: wake.subject,
  });
  const rows = promptRows(promptOf(wake));
  const run: LiveRun = {
    at: { kind: "ready", notBefore: turn.now },
    subject: wake.subject,
    cause: person,
    by: wake.requestedBy,
    journal: rows.length,
    lost: 0,
    ranMs: 0,
    fence: 0,
    calls: [],
    questions: [],
    steers: [],
    message: messageOf(wake),
    heard: wake.at,
  };
  turn.setRun(id, run);
  turn.journal(id, 0, rows);
  turn.activity(wake.requestedBy, `asked ${turn.state.config?.name ?? "the agent"}: ${titleOf(wake)}`, id);
  return 0;
}

/** @returns the row of its prompt in the run's journal */
function merge(turn: Turn, id: string, wake: Wake): number | undefined {
  const run = turn.run(id);
  if (!run) return undefined;
  turn.emit({
    type: "wake.merged",
    run: id,
    source: wake.source,
    reason: wake.reason,
    by: wake.requestedBy,
    text: wake.prompt.slice(0, 2_000),
  });
  // The run knows what was said before its earlier wakes, and those themselves.
  const { heard } = run;
  const news = heard === undefined ? wake.history : wake.history?.filter(({ at }) => at > heard);
  const rows = promptRows(promptOf({ ...wake, history: news?.length ? news : undefined }));
  turn.setRun(id, {
    ...run,
    journal: run.journal + rows.length,
    cause: run.cause ?? (wake.requestedBy.kind === "person" ? wake.requestedBy : null),
    message: messageOf(wake) ?? run.message,
    heard: wake.at ?? heard,
  });
  turn.journal(id, run.journal, rows);
  return run.journal;
}

function promptOf({ requestedBy: by, prompt: text, source, attachments, history }: Wake): Prompt {
  return { by, text, via: source === "channel" ? "channel" : "prompt", attachments, history };
}

/** The message of a conversation that woke the agent: keys of chat wakes begin with it. */
export function messageOf({ source, key }: Wake): string | undefined {
  return source === "chat" ? key.split(":", 1)[0] : undefined;
}

function titleOf(wake: Wake): string {
  const files = wake.attachments?.map(({ name }) => name).join(", ") ?? "";
  return (
    titleFrom(wake.prompt, TITLE_CHARS) || titleFrom(files, TITLE_CHARS) || titleFrom(wake.reason, TITLE_CHARS) || "Untitled"
  );
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
