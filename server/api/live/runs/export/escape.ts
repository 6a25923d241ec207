/** Text that agents, people and files wrote, made harmless for a page. */

const MARKUP: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
/** Characters that turn the order of what is drawn, and controls: in a command they hide what it does. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: showing control characters is the purpose
const TURNING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** For text and for attributes in quotes. What turns or hides other text is written as `\u{...}`. */
export function escapeHtml(text: string): string {
  return text
    .replace(TURNING, (char) => (char === "\r" ? "" : `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`))
    .replace(/[&<>"']/g, (char) => MARKUP[char] ?? "");
}

/** `2026-11-20 16:53:18 UTC`: the page does not know who reads it. */
export function stamp(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;
}
