/**
 * Keys of model providers as people paste them: with quotes, line breaks, or the line of the shell that sets them. The
 * app recognises the provider while a person types; the api cleans what it stores. Both read a key the same way.
 */

export const KEY_CHARS = 4_096;

const ASSIGNMENT = /^(?:export\s+|set\s+)?[A-Z][A-Z0-9_]*\s*=\s*/;
const HEADER = /^(?:authorization\s*:\s*)?bearer\s+|^x-(?:api|goog-api)-key\s*:\s*/i;
const QUOTES = /^["'`“”‘’]+|["'`“”‘’,;]+$/g;
const SPACES = /[\s\u200b-\u200d\u2060\ufeff]+/g;
/** what a header may carry; a masked key (`sk-…•••`) holds other characters */
const PRINTABLE = /^[\x21-\x7e]+$/;

export type CleanKey = { kind: "none" } | { kind: "key"; key: string } | { kind: "unreadable" };

/** Takes from a pasted text what is not part of the key. Keys hold no spaces, so a break in the middle is one of the paste. */
export function cleanKey(pasted: string): CleanKey {
  const line = pasted.trim().replace(QUOTES, "").replace(ASSIGNMENT, "").replace(HEADER, "");
  const key = line.replace(SPACES, "").replace(QUOTES, "");
  if (key === "") return { kind: "none" };
  return PRINTABLE.test(key) && key.length <= KEY_CHARS ? { kind: "key", key } : { kind: "unreadable" };
}

export type Protocol = "anthropic" | "gemini" | "openai";

/** Who a key is from. `baseUrl` is absent for the protocol's own home. */
export type Recognised = { protocol: Protocol; name: string; baseUrl?: string };

/** The more particular beginnings come first. */
const FORMS: readonly (Recognised & { starts: readonly string[] })[] = [
  { starts: ["sk-ant-"], protocol: "anthropic", name: "Anthropic" },
  { starts: ["AIza", "AQ."], protocol: "gemini", name: "Google Gemini" },
  { starts: ["sk-or-"], protocol: "openai", name: "OpenRouter", baseUrl: "https://openrouter.ai/api/v1" },
  { starts: ["gsk_"], protocol: "openai", name: "Groq", baseUrl: "https://api.groq.com/openai/v1" },
  { starts: ["xai-"], protocol: "openai", name: "xAI", baseUrl: "https://api.x.ai/v1" },
  { starts: ["sk-"], protocol: "openai", name: "OpenAI" },
];

/** The provider a clean key is from, by its form; undefined for a form nobody is known to use. */
export function recogniseKey(key: string): Recognised | undefined {
  const found = FORMS.find(({ starts }) => starts.some((start) => key.startsWith(start)));
  if (!found) return undefined;
  const { protocol, name, baseUrl } = found;
  return { protocol, name, baseUrl };
}
