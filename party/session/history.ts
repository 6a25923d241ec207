/** What a wake tells an agent of the conversation before it. */
import { inlineText, type Said } from "../protocol/common.ts";
import { LIMITS } from "../protocol/limits.ts";
import type { Message } from "../protocol/session.ts";

/** Stands for the rest of a text that the room holds only the beginning of. */
const CUT = "…";

/**
 * The newest of what people and agents said, oldest first, within the limits of a wake. Deleted messages are left out, and
 * so are the room's own notes.
 */
export function historyOf(messages: readonly Message[]): Said[] {
  const said: Said[] = [];
  let bytes = 0;
  for (const message of [...messages].reverse()) {
    if (message.deleted || message.by.kind === "system") continue;
    const text = inlineText(message.text) + (typeof message.text === "string" ? "" : CUT);
    bytes += new TextEncoder().encode(text).length;
    if (said.length === LIMITS.historyMessages || bytes > LIMITS.historyBytes) break;
    said.unshift({ by: message.by, text, at: message.at, attachments: message.attachments });
  }
  return said;
}
