/** Cuts texts by the bytes they take on the wire: characters say little, a control character alone takes six. */

/** Bytes of a value as JSON in UTF-8. */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? "");
}

const CUT = "\n[The rest is not shown.]";

/** The text, or as much of its beginning as takes at most `maxBytes` as JSON, with a line that says so. */
export function fitText(text: string, maxBytes: number): string {
  let bytes = jsonBytes(text);
  if (bytes <= maxBytes) return text;
  let head = text;
  while (bytes > maxBytes) {
    // In proportion, and a little less so that it ends: what is cut may be cheaper than what stays.
    const keep = Math.min(head.length - 1, Math.floor((head.length * maxBytes) / bytes) - CUT.length);
    if (keep <= 0) return "";
    head = wholeCharacters(head.slice(0, keep));
    bytes = jsonBytes(head + CUT);
  }
  return head + CUT;
}

/** At most `chars` characters on one line, for titles and questions. */
export function oneLine(text: string, chars: number): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= chars ? line : `${wholeCharacters(line.slice(0, chars - 1))}…`;
}

function wholeCharacters(text: string): string {
  return text.replace(/[\ud800-\udbff]$/, "");
}
