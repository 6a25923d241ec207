/** What a run does, or what it waits for, as one plain sentence: the one every list, tile and head shows. Pure. */
import type { RunView } from "./agent.ts";
import { assertNever } from "./assert.ts";

type Standing = Pick<RunView, "state" | "why" | "calls" | "questions" | "error">;

/** What keeps a run from going on that only a person can give; undefined while there is nothing. */
export function askOfRun({ calls, questions }: Pick<RunView, "calls" | "questions">): string | undefined {
  const call = calls.find(({ approval }) => approval && approval.decision === undefined);
  return call?.approval?.question ?? questions[0]?.text;
}

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
  const call = run.calls.find(({ approval }) => approval && approval.decision === undefined);
  if (call?.approval) {
    const { need, by, question } = call.approval;
    const left = need - by.length;
    return left > 1 ? `Waits for ${left} people to decide: ${question}` : `Waits for a person to decide: ${question}`;
  }
  const [question] = run.questions;
  return question ? `Waits for an answer: ${question.text}` : run.why;
}
