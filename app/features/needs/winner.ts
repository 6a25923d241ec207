import { ago } from "../../lib/format.ts";
import { firstName } from "../../lib/identity.ts";
import type { Winner } from "../../lib/room/frames.ts";

const DECISION_WORD: Record<string, string> = {
  allow: "allowed",
  deny: "denied",
  edit: "allowed with changes",
  expired: "expired",
};

/** "Ana allowed this 2 s ago", with her note: what the second to decide is told. */
export function winnerSentence(winner: Winner, now: number): string {
  const since = ago(winner.at, now);
  const word = DECISION_WORD[winner.decision] ?? winner.decision;
  const note = winner.note ? ` Note: ${winner.note}` : "";
  return `${firstName(winner.by.name)} ${word} this ${since === "now" ? "just now" : `${since} ago`}. Your decision was not used.${note}`;
}
