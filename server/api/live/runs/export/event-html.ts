/** One event of a run as a piece of the exported page; empty for those that say nothing to a reader. Pure. */
import { describeCall } from "../../../../../party/protocol/agent-state.ts";
import { inlineText, type LongText } from "../../../../../party/protocol/common.ts";
import type { RunEvent, Stamped } from "../../../../../party/protocol/run-events.ts";
import { escapeHtml, stamp } from "./escape.ts";

const VIA: Record<Extract<RunEvent, { type: "message.user" }>["via"], string> = {
  prompt: "asked",
  steer: "steered",
  followup: "went on",
  channel: "wrote",
};

export function eventHtml(event: Stamped<RunEvent>, agent: string): string {
  const body = inner(event, agent);
  return body === "" ? "" : `<section class="row" id="step-${event.seq}"><time>${stamp(event.at)}</time>${body}</section>\n`;
}

function inner(event: Stamped<RunEvent>, agent: string): string {
  switch (event.type) {
    case "message.user":
      return who(event.by.name, VIA[event.via]) + prose(event.text) + attached(event.attachments);
    case "block.ended":
      return block(event, agent);
    case "tool.called":
      return folded(`Calls ${describeCall(event.name, inlineText(event.input))}`, pretty(inlineText(event.input)));
    case "tool.ended":
      return folded(event.ok ? "The call answered" : "The call failed", inlineText(event.output));
    case "approval.asked":
      return `${who("Consent needed", event.risk)}${prose(event.question)}`;
    case "approval.decided":
      return who(`Decided: ${event.decision}`, event.by.map((vote) => vote.by.name).join(", "));
    case "question.asked":
      return who(agent, "asks") + prose(event.text);
    case "question.answered":
      return who(event.by.name, "answers") + prose(event.value);
    case "steer.dropped":
      return note(`A note to the run was not applied: ${event.why}`);
    case "file.changed":
      return note(`${event.path} ${event.op}, ${event.added} lines more, ${event.removed} lines less`);
    case "run.started":
      return note(event.attempt > 1 ? `The run was taken over and goes on, attempt ${event.attempt}` : "The run started");
    case "run.state":
      return note(event.why);
    case "retry":
      return note(`Trying again in ${Math.ceil(event.delayMs / 1_000)} s (${event.code})`);
    case "limit":
      return note(`Reached the limit of ${event.kind}: ${event.used} of ${event.cap}`);
    case "agent.spawned":
      return note("Handed work to another agent") + prose(event.prompt);
    case "agent.ended":
      return note(event.ok ? "The other agent finished" : "The other agent failed") + prose(event.summary);
    case "log":
      return note(inlineText(event.text));
    case "voice.said":
      return event.final ? who(event.who, "says") + prose(event.text) : "";
    case "run.ended":
      return who("The run ended", event.outcome) + (event.error ? prose(`${event.error.message} ${event.error.whatToDo}`) : "");
    case "run.queued":
    case "turn.started":
    case "turn.ended":
    case "block.started":
    case "steer.queued":
    case "steer.seen":
    case "steer.applied":
    case "plan.changed":
    case "artifact.added":
    case "usage":
    case "compaction":
    case "voice.state":
      return "";
    default:
      return unknownEvent(event);
  }
}

/** An event of a newer version has no words here. */
function unknownEvent(_event: never): string {
  return "";
}

function block(event: Extract<RunEvent, { type: "block.ended" }>, agent: string): string {
  switch (event.kind) {
    case "text":
      return who(agent, event.void ? "began, and broke off" : "says") + prose(event.text);
    case "thinking":
      return folded("Thinking", inlineText(event.text));
    case "tool_input":
      return "";
  }
}

function who(name: string, does: string): string {
  return `<div><bdi class="who">${escapeHtml(name)}</bdi> <span class="dim" dir="auto">${escapeHtml(does)}</span></div>`;
}

function prose(text: LongText): string {
  const shown = inlineText(text);
  return shown === "" ? "" : `<div class="text" dir="auto">${escapeHtml(shown)}</div>`;
}

function note(text: string): string {
  return `<div class="dim" dir="auto">${escapeHtml(text)}</div>`;
}

function folded(title: string, text: string): string {
  return `<details><summary dir="auto">${escapeHtml(title)}</summary><pre dir="auto">${escapeHtml(text)}</pre></details>`;
}

function attached(files: Extract<RunEvent, { type: "message.user" }>["attachments"]): string {
  return (files ?? []).map(({ name }) => note(`With ${name}`)).join("");
}

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), undefined, 2);
  } catch {
    return json;
  }
}
