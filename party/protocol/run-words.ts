/** What a run does, or what it waits for, as one plain sentence: the one every list, tile and head shows. Pure. */
import type { RunView } from "./agent.ts";
import { assertNever } from "./assert.ts";

type Standing = Pick<RunView, "state" | "why" | "calls" | "questions" | "error">;

/** One plain sentence without a full stop; empty for a run that ended without trouble. */
export function runSentence(run: Standing): string {
  switch (run.state) {
    case "queued":
      return run.why || "Waiting to start";
    case "waiting":
      return waitSentence(run);
    case "running":
    case "retrying":
    case "paused":
    case "compacting":
      return run.why;
    case "ended":
      return run.error?.message ?? "";
    default:
      return assertNever(run.state);
  }
}

/** The ask stands in the room's word for it as well; here it says whose move it is too. */
function waitSentence(run: Standing): string {
  const asks = run.calls.flatMap(({ approval }) => (approval && approval.decision === undefined ? [approval] : []));
  const others = asks.length + run.questions.length - 1;
  const more = others > 0 ? ` (and ${others} more)` : "";
  const [ask] = asks;
  if (ask) {
    const left = ask.need - ask.by.length;
    return `Waits for ${left > 1 ? `${left} people` : "a person"} to decide: ${ask.question}${more}`;
  }
  const [question] = run.questions;
  return question ? `Waits for an answer: ${question.text}${more}` : run.why;
}
