import { describeCall } from "../../../party/protocol/agent-state.ts";
import type { RunEvent, Stamped } from "../../../party/protocol/run-events.ts";
import { inlineOf } from "../../lib/long-text.ts";

/** A point of a run at which the replay can stand: after an event that shows in the transcript. */
export interface Stop {
  /** events up to and with this one have happened */
  count: number;
  seq: number;
  at: string;
  words: string;
  /** what stands out on the track: a person's word to the run, or a question to people */
  mark?: "steer" | "gate";
}

/** characters of what was said that a screen reader hears of a step */
const SAID_CHARS = 80;

type Step = Pick<Stop, "words" | "mark">;

/** What an event shows in the transcript; undefined for those that show nothing by themselves. */
export function stepOf(event: RunEvent): Step | undefined {
  switch (event.type) {
    case "message.user":
      return event.via === "prompt"
        ? { words: `${event.by.name} asked: ${short(inlineOf(event.text))}` }
        : { words: `${event.by.name} said: ${short(inlineOf(event.text))}`, mark: "steer" };
    case "block.ended":
      if (event.kind === "tool_input") return undefined;
      return { words: event.kind === "thinking" ? "Thought" : `Wrote: ${short(inlineOf(event.text))}` };
    case "tool.called":
      return { words: describeCall(event.name, inlineOf(event.input)) };
    case "tool.ended":
      return { words: event.ok ? "The call ended" : "The call failed" };
    case "approval.asked":
      return { words: `Consent needed: ${event.question}`, mark: "gate" };
    case "approval.decided":
      return { words: `Decided: ${event.decision}` };
    case "question.asked":
      return { words: `Asked: ${short(event.text)}`, mark: "gate" };
    case "question.answered":
      return { words: `${event.by.name} answered` };
    case "file.changed":
      return { words: `${event.path} ${event.op}` };
    case "run.started":
      return event.attempt > 1 ? { words: "Taken over" } : undefined;
    case "retry":
      return { words: "Tries again" };
    case "limit":
      return { words: `Reached the limit of ${event.kind}` };
    case "compaction":
      return { words: "Shortened its memory" };
    case "agent.spawned":
      return { words: "Handed work to another agent" };
    case "agent.ended":
      return { words: "The other agent ended" };
    case "steer.dropped":
      return { words: "A note was not applied" };
    case "log":
      return { words: short(inlineOf(event.text)) };
    case "run.ended":
      return { words: "The run ended" };
    default:
      return undefined;
  }
}

/** The stops of the events from one on. @param before how many events came before these */
export function stopsOf(events: readonly Stamped<RunEvent>[], before: number): Stop[] {
  return events.flatMap((event, index) => {
    const step = stepOf(event);
    return step ? [{ ...step, count: before + index + 1, seq: event.seq, at: event.at }] : [];
  });
}

function short(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > SAID_CHARS ? `${line.slice(0, SAID_CHARS - 1)}…` : line;
}
