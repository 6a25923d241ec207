/** Mentions of agents in a text: `@` and the name as it is shown, also names of several words. */

export interface Mentionable {
  id: string;
  name: string;
}

/** What is being typed after an `@` before the caret, when a mention may stand there. */
export interface MentionQuery {
  /** index of the `@` */
  from: number;
  typed: string;
}

const NAME_CHARS = 80;
const BEFORE_MENTION = /[\s([{"'>]/;
const AFTER_MENTION = /[\p{L}\p{N}_]/u;

/** Agents whom a text asks by name, each once, in the order they are named. */
export function mentionsIn(text: string, agents: readonly Mentionable[]): string[] {
  // The longest name first: "@Guide Two" is not "@Guide" and a number.
  const byLength = agents.toSorted((a, b) => b.name.length - a.name.length);
  const found: string[] = [];
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    if (!mayBegin(text, at)) continue;
    const agent = byLength.find(({ name }) => startsWithName(text, at + 1, name));
    if (agent && !found.includes(agent.id)) found.push(agent.id);
  }
  return found;
}

/** The mention the caret stands in, if any. */
export function mentionAt(text: string, caret: number): MentionQuery | undefined {
  const from = text.lastIndexOf("@", caret - 1);
  if (from < 0 || caret - from > NAME_CHARS || !mayBegin(text, from)) return undefined;
  const typed = text.slice(from + 1, caret);
  return typed.includes("\n") || /^\s/.test(typed) ? undefined : { from, typed };
}

/** Agents that what is typed may mean: names that begin so first, then those in which a word does. */
export function matching<A extends Mentionable>(agents: readonly A[], typed: string): A[] {
  const wanted = fold(typed);
  const begins = agents.filter(({ name }) => fold(name).startsWith(wanted));
  const inside = agents.filter((agent) => !begins.includes(agent) && fold(agent.name).includes(` ${wanted}`));
  return [...begins, ...inside];
}

/** The text with the mention put in for what was typed, and where the caret stands then. */
export function withMention(text: string, query: MentionQuery, caret: number, name: string): { text: string; caret: number } {
  const rest = text.slice(caret);
  const put = `@${name}${rest.startsWith(" ") ? "" : " "}`;
  return { text: text.slice(0, query.from) + put + rest, caret: query.from + put.length + (rest.startsWith(" ") ? 1 : 0) };
}

function mayBegin(text: string, at: number): boolean {
  const before = text[at - 1];
  return before === undefined || BEFORE_MENTION.test(before);
}

function startsWithName(text: string, at: number, name: string): boolean {
  if (fold(text.slice(at, at + name.length)) !== fold(name)) return false;
  const after = text[at + name.length];
  return after === undefined || !AFTER_MENTION.test(after);
}

function fold(text: string): string {
  return text.toLocaleLowerCase();
}
