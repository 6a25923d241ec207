/** Names of files that came from outside: cleaned for people's eyes and for a disk. The name given is never a path. */

/** bytes; a name of a disk takes 255, and copies get a number appended */
const MAX_BYTES = 200;
/** characters of an ending that survives a cut; longer ones are no endings */
const MAX_ENDING = 16;
const FALLBACK = "file";

/** Control characters, lone surrogates, and what is invisible or turns the direction of the text around it. */
const UNSHOWN = /[\p{Cc}\p{Cs}\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]+/gu;

/**
 * The name to keep and show for a file: the last part of what was given, on one line, without characters that hide or turn
 * others, at most 200 bytes with its ending kept. Never empty, never `.` or `..`.
 */
export function safeName(given: string): string {
  const last = given
    .normalize("NFC")
    .split(/[/\\]/)
    .findLast((part) => part.trim() !== "");
  const clean = (last ?? "").replace(UNSHOWN, " ").replace(/\s+/g, " ").trim();
  return cut(/^\.*$/.test(clean) ? FALLBACK : clean);
}

function cut(name: string): string {
  if (Buffer.byteLength(name) <= MAX_BYTES) return name;
  const dot = name.lastIndexOf(".");
  const ending = dot > 0 && name.length - dot <= MAX_ENDING ? name.slice(dot) : "";
  const room = MAX_BYTES - Buffer.byteLength(ending);
  let kept = "";
  let bytes = 0;
  // By characters: a cut in the middle of one would leave half of it.
  for (const character of name) {
    bytes += Buffer.byteLength(character);
    if (bytes > room) break;
    kept += character;
  }
  return kept.trimEnd() + ending;
}

/**
 * The value of Content-Disposition for a name: plain letters for old clients, and the whole name as RFC 6266 spells it.
 * @param how `attachment` to save, `inline` to show
 */
export function contentDisposition(how: "attachment" | "inline", name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, "_");
  const whole = encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return `${how}; filename="${plain}"; filename*=UTF-8''${whole}`;
}
