/**
 * Where a rehearsal stands and what it plays next. Pure: the position is derived from the history alone, so a run that is
 * restarted at any turn goes on as if nothing had happened.
 */
import type { Message, ModelRequest } from "../model.ts";
import { ASK_PERSON } from "../model.ts";
import { hasDirectives, type PlayedTurn, parseScript } from "./script.ts";

/** characters of the request quoted in a rehearsal answer */
const QUOTE_CHARS = 300;
/** The answer to plain words arrives as a stream, so that a first run looks as it would with a model: about half a second. */
const ANSWER_PACE = { chunks: 24, ms: 20 };

/** What a rehearsal goes by. */
export type Heard = Omit<ModelRequest, "system" | "load">;

/**
 * The next turn. Directives of the prompts are played in order; those of a steer or a follow-up come before what is left.
 * A message without directives that names skills plays theirs.
 * Plain words with nothing left to play get an honest answer; a script that is used up ends with an empty turn.
 * @param last false when more of the script waits: the turn then ends with `pause` unless it calls something
 */
export function nextTurn({ messages, ...offered }: Heard): { turn: PlayedTurn; last: boolean } {
  let waiting: PlayedTurn[] = [];
  let heard: PlayedTurn[] = [];
  /** plain words nobody answered yet; a script in the same breath is the answer */
  let unanswered: Said[] = [];

  const hear = (): void => {
    if (heard.length > 0) unanswered = [];
    waiting = [...heard, ...waiting];
    heard = [];
  };

  for (const message of messages) {
    if (message.kind === "user") {
      const scripts = scriptsOf(message);
      if (scripts.length > 0) heard.push(...scripts.flatMap(parseScript));
      else unanswered.push(message);
    } else if (message.kind === "assistant") {
      hear();
      waiting = waiting.slice(1);
      unanswered = [];
    }
  }
  hear();

  const [turn, ...rest] = waiting;
  if (turn) return { turn, last: rest.length === 0 };
  if (unanswered.length === 0) return { turn: { plays: [] }, last: true };
  return { turn: { plays: [{ kind: "say", text: honestAnswer(unanswered, offered), pace: ANSWER_PACE }] }, last: true };
}

type Said = Extract<Message, { kind: "user" }>;

/** The scripts in a message: its own, or those of the skills it names. */
function scriptsOf({ text, skills = [] }: Said): string[] {
  return hasDirectives(text) ? [text] : skills.map(({ body }) => body).filter(hasDirectives);
}

/** How it would work on a request, without a claim that anything was done. */
function honestAnswer(said: readonly Said[], { tools, skills }: Omit<Heard, "messages">): string {
  const request = said
    .map(({ text }) => text)
    .join("\n")
    .trim();
  const files = said.flatMap(({ attachments = [] }) => attachments.map(({ name }) => name));
  const quote = request.length > QUOTE_CHARS ? `${request.slice(0, QUOTE_CHARS)}…` : request;
  const names = tools.map((tool) => tool.name).filter((name) => name !== ASK_PERSON);
  const has = (name: string): boolean => names.includes(name);
  const steps = [
    has("list_files") || has("read_file") ? "look at what is already in my workspace, and read what matters" : "",
    "tell you in a few lines what I plan to do, and ask where something is unclear",
    has("write_file") || has("edit_file") ? "write or change files in my workspace, each change visible here" : "",
    has("shell") ? "ask one of you before a command runs, unless your settings allow it" : "",
    "end with what was done, what was not, and what I am unsure of",
  ].filter((step) => step !== "");
  const [skill] = skills;
  const named = skill ? `, or the name of a skill that holds one, such as \`/${skill.name}\`` : "";
  return [
    "This is a rehearsal: no model is connected, and nothing of what follows has been done.",
    "",
    `You asked: “${quote}”`,
    ...(files.length > 0
      ? [`${files.length === 1 ? "1 file" : `${files.length} files`} came with it: ${files.join(", ")}.`]
      : []),
    "",
    "With a model I would:",
    ...steps.map((step, index) => `${index + 1}. ${step}.`),
    "",
    `To see it work without a model, send me a script: lines such as \`@say Hello\` or \`@tool list_files {}\`${named}.`,
  ].join("\n");
}
