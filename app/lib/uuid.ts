/** Bytes of a UUID. */
const BYTES = 16;
/** Hex digits of the five groups. */
const GROUPS = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/;

/**
 * A new random UUID (RFC 9562, version 4). The browser's own maker of them exists on HTTPS and localhost only; people who open
 * Atrium by its address in a home network have plain HTTP.
 */
export function newUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(BYTES));
  const hex = Array.from(bytes, (byte, n) => marked(byte, n).toString(16).padStart(2, "0")).join("");
  return hex.replace(GROUPS, "$1-$2-$3-$4-$5");
}

/** Puts version 4 into the seventh byte and the variant of the RFC into the ninth. */
function marked(byte: number, n: number): number {
  if (n === 6) return (byte & 0x0f) | 0x40;
  return n === 8 ? (byte & 0x3f) | 0x80 : byte;
}
