/** What people do with messages: post, edit, delete, ask again. */
import { type Refused, refuse } from "../lib/core.ts";
import type { SessionCommand } from "../protocol/commands.ts";
import { type ActorRef, inlineText, type LongText } from "../protocol/common.ts";
import type { Message, SessionConfig } from "../protocol/session.ts";
import { historyOf } from "./history.ts";
import { agentsOf, type Turn } from "./turn.ts";

type Command<T extends SessionCommand["type"]> = Extract<SessionCommand, { type: T }>;

/** characters that name a message */
const BEGINNING_CHARS = 80;

/** Why the room posts a wake, for the run's own record. */
const REASON = "A message in a conversation";

export function post(turn: Turn, by: ActorRef, config: SessionConfig, command: Command<"message.post">): Refused | undefined {
  const { text, attachments, replyTo } = command;
  if (text.trim() === "" && !attachments?.length) return refuse("invalid", "Write something, or attach a file.");
  const parent = replyTo === undefined ? undefined : turn.message(replyTo);
  if (replyTo !== undefined && !parent) return refuse("not_found", "The message you reply to is not in this conversation.");
  if (parent?.deleted) return refuse("conflict", "The message you reply to was deleted.");
  const mentions = [...new Set(command.mentions)];
  const stranger = mentions.find((mention) => !agentsOf(config).some((agent) => agent.id === mention));
  if (stranger !== undefined) return refuse("invalid", "You asked an agent that does not answer in this conversation.");
  if (mentions.length > 0 && turn.state.answeredBy.kind === "person") return takenOver(turn);

  const asked = askedBy(turn, config, mentions, parent);
  const before = turn.state.messages;
  const message = turn.post({
    by,
    text,
    attachments: attachments?.length ? attachments : undefined,
    replyTo,
    mentions: asked.length > 0 ? asked : undefined,
  });
  for (const agent of asked) wake(turn, config, agent, message.id, { ...message, text }, before);
  turn.result = { message };
  return undefined;
}

/** Who is to answer: those who were named, else the one replied to, else the default agent; nobody while a person does. */
function askedBy(turn: Turn, config: SessionConfig, mentions: string[], parent: Message | undefined): string[] {
  if (turn.state.answeredBy.kind === "person") return [];
  if (mentions.length > 0) return mentions;
  const author = parent?.by.kind === "agent" ? parent.by.id : undefined;
  return [agentsOf(config).find((agent) => agent.id === author)?.id ?? config.agent];
}

export function edit(turn: Turn, by: ActorRef, command: Command<"message.edit">): Refused | undefined {
  const message = ownMessage(turn, by, command.message);
  if ("ok" in message) return message;
  if (command.text.trim() === "" && !message.attachments?.length)
    return refuse("invalid", "A message cannot be empty. Delete it instead.");
  if (message.text === command.text) return undefined;
  turn.emit({ type: "message.edited", message: message.id, text: command.text, by });
  for (const agent of message.mentions ?? []) {
    turn.tellAgent(agent, { kind: "message.edited", message: message.id, before: beginning(message), text: command.text, by });
  }
  return undefined;
}

export function remove(turn: Turn, by: ActorRef, id: string): Refused | undefined {
  const message = ownMessage(turn, by, id);
  if ("ok" in message) return message;
  turn.emit({ type: "message.deleted", message: message.id, by });
  for (const agent of message.mentions ?? [])
    turn.tellAgent(agent, { kind: "message.deleted", message: message.id, before: beginning(message), by });
  return undefined;
}

/** Asks the agents of a message once more. */
export function retry(turn: Turn, config: SessionConfig, id: string): Refused | undefined {
  const message = turn.message(id);
  if (!message) return unknown();
  if (message.by.kind !== "person") return refuse("invalid", "Only what a person wrote can be asked again.");
  if (message.deleted) return refuse("conflict", "This message was deleted.");
  if (turn.state.answeredBy.kind === "person") return takenOver(turn);
  if (turn.state.answers.some((answer) => answer.message === id))
    return refuse("conflict", "An answer to this message is under way. Stop it first.");
  const text = wholeText(message.text, turn.archived(id)?.text);
  if (text === undefined) return refuse("elsewhere", "This message is too long to be asked again from here. Use the API.");
  const place = turn.state.messages.findIndex((known) => known.id === id);
  const before = place === -1 ? turn.state.messages : turn.state.messages.slice(0, place);
  const here = (message.mentions ?? []).filter((agent) => agentsOf(config).some((known) => known.id === agent));
  const key = `${id}:${turn.context.newId("st")}`;
  for (const agent of here.length > 0 ? here : [config.agent]) wake(turn, config, agent, key, { ...message, text }, before);
  return undefined;
}

function wake(
  turn: Turn,
  config: SessionConfig,
  agent: string,
  key: string,
  { by, text, at, attachments }: Message & { text: string },
  before: readonly Message[],
): void {
  const history = historyOf(before);
  turn.tellAgent(agent, {
    kind: "wake",
    wake: {
      key,
      source: "chat",
      reason: REASON,
      subject: { kind: "session", id: config.id },
      prompt: text,
      requestedBy: by,
      at,
      attachments,
      history: history.length > 0 ? history : undefined,
    },
  });
}

/** The whole of a text: the room keeps the beginning of a long one, the archive all of it. */
function wholeText(own: LongText, archived: LongText | undefined): string | undefined {
  if (typeof own === "string") return own;
  // The archive may be one edit behind.
  return typeof archived === "string" && archived.startsWith(own.head) ? archived : undefined;
}

/** Enough of a message to say which one is meant, in one line. */
function beginning({ text, attachments }: Message): string {
  const words = inlineText(text).replace(/\s+/g, " ").trim() || (attachments ?? []).map(({ name }) => name).join(", ");
  return words.length > BEGINNING_CHARS ? `${words.slice(0, BEGINNING_CHARS - 1)}…` : words;
}

function ownMessage(turn: Turn, by: ActorRef, id: string): Message | Refused {
  const message = turn.message(id);
  if (!message) return unknown();
  if (message.by.id !== by.id) return refuse("forbidden", "Only the one who wrote a message can change it.");
  return message.deleted ? refuse("conflict", "This message was deleted.") : message;
}

function unknown(): Refused {
  return refuse("not_found", "There is no such message here.");
}

/** Agents stay silent while a person answers. */
function takenOver(turn: Turn): Refused {
  const { answeredBy } = turn.state;
  const name = answeredBy.kind === "person" ? answeredBy.by.name : "A person";
  return refuse("taken_over", `${name} answers here now, so no agent was asked. Hand back to the agents first.`);
}
