/**
 * Characters that draw nothing, or turn the order of what is drawn: in a command they can make a person allow something
 * else than what they read. Controls but tab and newline, soft hyphen, zero-width and joiner characters, bidi marks,
 * embeddings, overrides and isolates, line and paragraph separators, variation selectors, tags, invisible operators,
 * blank Hangul and Braille fillers, and spaces that look like one but are not.
 */
const HIDDEN =
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: combining characters are meant one by one
  // biome-ignore lint/suspicious/noControlCharactersInRegex: showing control characters is the purpose
  /[\u0000-\u0008\u000b-\u001f\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;

/** Writes every hidden character of a text as `\u{...}`, so that what is read is what runs. */
export function showHidden(text: string): string {
  return text.replace(HIDDEN, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}

/** True when a text has hidden characters: the card warns. */
export function hasHidden(text: string): boolean {
  return text.search(HIDDEN) >= 0;
}

/** Indented JSON for people, or the text as it came when it is not JSON. */
export function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}

/** The arguments of a call as rows of name and value, in full and with hidden characters shown. */
export function argumentRows(input: string): { name: string; value: string }[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(input);
  } catch {
    return [{ name: "input", value: showHidden(input) }];
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    return [{ name: "input", value: showHidden(input) }];
  return Object.entries(parsed).map(([name, value]) => ({
    name: showHidden(name),
    value: showHidden(typeof value === "string" ? value : JSON.stringify(value, undefined, 2)),
  }));
}
