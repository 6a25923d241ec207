import type { Answer, EditTold, Message } from "../../../party/protocol/session.ts";
import { inlineOf } from "../../lib/long-text.ts";
import type { Outgoing } from "./outgoing.ts";

/** ms within which what one person writes stands under one name */
const GROUP_MS = 5 * 60_000;

export type Told = EditTold;

/** One row of a conversation. Its key is that of its message, so a list keeps its place when older ones come in above. */
export type ChatRow = { key: string } & (
  | {
      kind: "message";
      message: Message;
      own: boolean;
      /** the first under its author's name */
      first: boolean;
      /** the last before somebody else, or the same one later */
      last: boolean;
      /** the first of its day */
      newDay: boolean;
      /** how many were new when the person came in, on the first of them */
      unread: number | undefined;
      /** what it replies to, where that was read */
      quoted: Message | undefined;
      told: readonly Told[];
    }
  | { kind: "sending"; outgoing: Outgoing; quoted: Message | undefined }
  | { kind: "answer"; answer: Answer }
);
export type RowOf<K extends ChatRow["kind"]> = Extract<ChatRow, { kind: K }>;

export interface Conversation {
  messages: readonly Message[];
  told: Readonly<Record<string, readonly Told[]>>;
  answers: readonly Answer[];
  outgoing: readonly Outgoing[];
  me: string;
  /** the first message that was new when the person came in */
  unreadFrom: { id: string; count: number } | undefined;
}

const NOTHING_TOLD: readonly Told[] = [];

/** Puts a conversation into rows: days, who wrote, what is on its way, who answers. */
export function chatRows({ messages, told, answers, outgoing, me, unreadFrom }: Conversation): ChatRow[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const quotedBy = (replyTo: string | undefined): Message | undefined => (replyTo === undefined ? undefined : byId.get(replyTo));
  const opens = messages.map((message, i) => message.id === unreadFrom?.id || opensGroup(messages[i - 1], message));
  const rows: ChatRow[] = messages.map((message, i) => {
    const before = messages[i - 1];
    const newDay = !before || dayOf(before.at) !== dayOf(message.at);
    return {
      key: message.id,
      kind: "message",
      message,
      own: message.by.id === me,
      first: opens[i] === true,
      last: opens[i + 1] !== false,
      newDay,
      unread: unreadFrom?.id === message.id ? unreadFrom.count : undefined,
      quoted: quotedBy(message.replyTo),
      told: told[message.id] ?? NOTHING_TOLD,
    };
  });
  // An answer stands where it began: what people say meanwhile comes below it, where they look.
  for (const answer of answers) {
    const at = rows.findLastIndex((row) => row.kind === "answer" || (row.kind === "message" && row.message.at <= answer.since));
    rows.splice(at + 1, 0, { key: answer.run, kind: "answer", answer });
  }
  for (const one of onTheirWay(outgoing, messages, me))
    rows.push({ key: one.key, kind: "sending", outgoing: one, quoted: quotedBy(one.replyTo) });
  return rows;
}

/** True where two rows draw the same, so that a list draws only what changed. */
export function sameRow(a: ChatRow, b: ChatRow): boolean {
  if (a.kind === "message" && b.kind === "message") {
    return (
      a.message === b.message &&
      a.first === b.first &&
      a.last === b.last &&
      a.newDay === b.newDay &&
      a.unread === b.unread &&
      a.quoted === b.quoted &&
      a.told === b.told
    );
  }
  if (a.kind === "sending" && b.kind === "sending") return a.outgoing === b.outgoing && a.quoted === b.quoted;
  return a.kind === "answer" && b.kind === "answer" && a.answer === b.answer;
}

/** The first message that is new to a person, from how many are. Their own are never new. */
export function firstUnread(messages: readonly Message[], me: string, count: number): { id: string; count: number } | undefined {
  if (count === 0) return undefined;
  const others = messages.filter(({ by, deleted }) => by.id !== me && by.kind !== "system" && !deleted);
  const first = others[Math.max(0, others.length - count)];
  return first && { id: first.id, count };
}

function dayOf(at: string): string {
  return new Date(at).toDateString();
}

/** False when a message goes on where the same author left off a moment ago. */
function opensGroup(before: Message | undefined, message: Message): boolean {
  if (!before || before.by.id !== message.by.id || dayOf(before.at) !== dayOf(message.at)) return true;
  if (message.replyTo !== undefined || message.by.kind === "system") return true;
  return Date.parse(message.at) - Date.parse(before.at) >= GROUP_MS;
}

/**
 * What is still on its way. The room may tell of a message before the answer of the request that brought it: one's own newest
 * message of the same words is that message.
 */
function onTheirWay(outgoing: readonly Outgoing[], messages: readonly Message[], me: string): Outgoing[] {
  const taken = new Set<string>();
  return outgoing.filter((one) => {
    const match = messages.findLast(
      (message) =>
        message.by.id === me &&
        !taken.has(message.id) &&
        (one.stored === message.id || (one.state.kind === "sending" && !one.before.has(message.id) && sameWords(one, message))),
    );
    if (match) taken.add(match.id);
    return match === undefined;
  });
}

function sameWords(one: Outgoing, message: Message): boolean {
  const text = inlineOf(message.text);
  return (typeof message.text === "string" ? one.text === text : one.text.startsWith(text)) && one.replyTo === message.replyTo;
}

/** The message that an answer, or a note about one, was given to: the newest before it that asked its agent. */
export function askedBy(messages: readonly Message[], answer: Message): Message | undefined {
  const at = messages.findIndex((message) => message.id === answer.id);
  return messages
    .slice(0, Math.max(0, at))
    .findLast(({ by, mentions, deleted }) => by.kind === "person" && !deleted && asked(mentions, answer));
}

function asked(mentions: readonly string[] | undefined, answer: Message): boolean {
  return answer.by.kind === "agent" ? mentions?.includes(answer.by.id) === true : mentions !== undefined && mentions.length > 0;
}

/** What an agent says about an edit of what it was asked, as one sentence. */
export function toldWords(told: Told): string {
  switch (told.state) {
    case "replaced":
      return `${told.agentName} had not begun and reads the new text.`;
    case "told":
      return `${told.agentName} was already at work and was told of the new text${done(told)}.`;
    case "acted":
      return `${told.agentName} had already acted on the old text${done(told)}.`;
  }
}

function done({ calls, files }: Told): string {
  const parts: string[] = [];
  if (calls) parts.push(calls === 1 ? "1 call" : `${calls} calls`);
  if (files) parts.push(files === 1 ? "1 file changed" : `${files} files changed`);
  return parts.length === 0 ? "" : `: ${parts.join(", ")}`;
}

/** Rows of others below the one a reader had seen last. */
export function newBelow(rows: readonly ChatRow[], seen: string): number {
  const at = rows.findIndex((row) => row.key === seen);
  return at < 0 ? 0 : rows.slice(at + 1).filter((row) => row.kind === "message" && !row.own).length;
}
