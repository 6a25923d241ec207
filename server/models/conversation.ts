/**
 * The run as every protocol wants it: turns of a user and an assistant that alternate, results before what people say.
 * What a provider wants back verbatim is handed out only to the model that made it. Pure.
 */
import { assertNever } from "../../party/protocol/assert.ts";
import type { AttachedFile, Block, EarlierWords, Message } from "./model.ts";

export type UserPart =
  | { kind: "text"; text: string }
  /** follows a text that names it */
  | { kind: "file"; attached: AttachedFile }
  | { kind: "result"; call: string; name: string; ok: boolean; text: string };

export type Turn = { role: "user"; parts: UserPart[] } | { role: "assistant"; blocks: Block[] };

/** Begins the text of an earlier conversation. */
export const HISTORY_OPENING = "What was said in this conversation before, oldest first, as context:";
const NO_TEXT = "(nothing was said)";

/** The turns of a run. The first is always a user's, and none is empty. */
export function conversation(messages: readonly Message[]): Turn[] {
  const turns: Turn[] = [];
  const names = new Map<string, string>();
  const heard = (parts: UserPart[]): void => {
    const last = turns.at(-1);
    if (last?.role === "user") last.parts.push(...parts);
    else turns.push({ role: "user", parts });
  };
  for (const message of messages) {
    switch (message.kind) {
      case "history":
        heard(historyParts(message.said));
        break;
      case "user":
        heard(userParts(message));
        break;
      case "result": {
        const { call, ok, text } = message;
        heard([{ kind: "result", call, name: names.get(call) ?? "unknown", ok, text: text || NO_TEXT }]);
        break;
      }
      case "assistant": {
        for (const block of message.blocks) if (block.kind === "tool_call") names.set(block.call, block.name);
        const last = turns.at(-1);
        if (message.blocks.length === 0) break;
        if (last?.role === "assistant") last.blocks.push(...message.blocks);
        else turns.push({ role: "assistant", blocks: [...message.blocks] });
        break;
      }
      default:
        assertNever(message);
    }
  }
  for (const turn of turns) if (turn.role === "user") turn.parts.sort((a, b) => rank(a) - rank(b));
  if (turns[0]?.role !== "user") turns.unshift({ role: "user", parts: [{ kind: "text", text: NO_TEXT }] });
  return turns;
}

/** Results of the calls before come first: every protocol wants them next to the calls. Sorting is stable. */
function rank({ kind }: UserPart): number {
  return kind === "result" ? 0 : 1;
}

function userParts({ by, text, skills = [], attachments = [] }: Extract<Message, { kind: "user" }>): UserPart[] {
  return [
    { kind: "text", text: `${by}:\n${text || NO_TEXT}` },
    ...attachments.flatMap(fileParts),
    ...skills.map(({ name, body }): UserPart => ({ kind: "text", text: `The skill /${name}, named above:\n\n${body}` })),
  ];
}

function historyParts(said: readonly EarlierWords[]): UserPart[] {
  if (said.length === 0) return [];
  const parts: UserPart[] = [{ kind: "text", text: HISTORY_OPENING }];
  for (const { by, own, text, at, attachments = [] } of said) {
    const when = at.slice(0, 16).replace("T", " ");
    // Quoted line by line: nobody can write a line that reads as said by another.
    const quoted = (text || NO_TEXT).replace(/^/gm, "> ");
    parts.push({ kind: "text", text: `[${when} UTC] ${own ? "You" : by}:\n${quoted}` });
    parts.push(...attachments.flatMap(fileParts));
  }
  parts.push({ kind: "text", text: "This is the end of what was said before. What follows is what you are asked now." });
  return parts;
}

function fileParts(attached: AttachedFile): UserPart[] {
  return [
    { kind: "text", text: `Attached: ${describeFile(attached)}.` },
    { kind: "file", attached },
  ];
}

/** A file in words: its name, kind and size, and where it is. */
export function describeFile({ name, mime, bytes, path }: AttachedFile): string {
  const where = path === undefined ? "" : `, in your workspace as ${path}`;
  return `${JSON.stringify(name)} (${mime}, ${sizeText(bytes)})${where}`;
}

const KB = 1_000;
const MB = 1_000_000;

/** A size as people say it: `12 MB`, `3.4 MB`, `820 KB`. */
export function sizeText(bytes: number): string {
  if (bytes < KB) return `${bytes} bytes`;
  const [size, unit] = bytes < MB ? [bytes / KB, "KB"] : [bytes / MB, "MB"];
  return `${size < 10 ? size.toFixed(1).replace(/\.0$/, "") : Math.round(size)} ${unit}`;
}

/** What a provider wants back with a block, and whose it is. */
export type Private<T> = { of: string; data: T };

/** Seals what a provider wants back with the id of the model that made it. */
export function seal<T>(of: string, data: T): Private<T> {
  return { of, data };
}

/** What the model `of` sealed into a block; undefined when another model made the block, or none did. */
export function unseal(of: string, block: Block): Record<string, unknown> | undefined {
  const sealed = block.private;
  if (!isRecord(sealed) || sealed.of !== of || !isRecord(sealed.data)) return undefined;
  return sealed.data;
}

/**
 * The arguments of a call as an object, as protocols want them back. What the model wrote and cannot be read is handed back
 * as it was, so that the model sees what it did.
 */
export function inputObject(input: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(input || "{}");
    return isRecord(value) ? value : { arguments: value };
  } catch {
    return { unreadable_arguments: input };
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
