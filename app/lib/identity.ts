import type { IconName } from "../components/icon.tsx";

/** The six quiet tints of the tokens. Identity only, never status. */
const TINTS = 6;

/** The tint of a person or agent: the same id has the same colour everywhere. */
export function tintOf(id: string): number {
  let hash = 0;
  for (const char of id) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return (hash % TINTS) + 1;
}

/** One or two letters for an avatar. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const first = [...(words[0] ?? "?")][0] ?? "?";
  const last = words.length > 1 ? ([...(words.at(-1) ?? "")][0] ?? "") : "";
  return (first + last).toUpperCase();
}

/** The name a person is called by in a line of text. */
export function firstName(name: string): string {
  return name.trim().split(/\s+/)[0] ?? name;
}

const AGENT_ICONS: readonly (readonly [RegExp, IconName])[] = [
  [/guide|help/i, "help"],
  [/writ|copy|content|editor/i, "pen"],
  [/research|search|analy/i, "search"],
  [/server|reliab|deploy|hosting|ops\b/i, "server"],
  [/desk|support|phone/i, "desk"],
  [/design|art\b|image/i, "shapes"],
  [/test|qa\b|quality/i, "beaker"],
  [/outreach|press|sales|mail/i, "plane"],
  [/book|invoice|account|ledger|financ/i, "ledger"],
  [/produc|plan|calendar|schedul/i, "cal"],
  [/engineer|develop|code|program/i, "terminal"],
];

/** An icon that fits what an agent is called, or the plain agent. */
export function agentIcon(nameAndTitle: string): IconName {
  return AGENT_ICONS.find(([pattern]) => pattern.test(nameAndTitle))?.[1] ?? "agent";
}
