import type { LongText } from "../../party/protocol/common.ts";

/** The part of a long text that is at hand. */
export function inlineOf(text: LongText): string {
  return typeof text === "string" ? text : text.head;
}
