/** Prefixed, time-ordered identifiers: `<prefix>_<26 characters of Crockford base32>` (a ULID). */

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

export type IdPrefix =
  | "u"
  | "co"
  | "ag"
  | "run"
  | "ap"
  | "pat"
  | "q"
  | "ss"
  | "msg"
  | "inv"
  | "key"
  | "st"
  | "call"
  | "blk"
  | "cmd"
  | "ref"
  | "rn"
  | "act"
  | "rs"
  | "fi"
  | "prv"
  | "ml"
  | "pk"
  | "lnk"
  | "rr"
  | "nt"
  | "ps";

/**
 * Makes an id whose order is the order of time.
 * @param now ms since the epoch
 * @param random 16 bytes of randomness, of which 10 are used
 */
export function makeId(prefix: IdPrefix, now: number, random: Uint8Array): string {
  let time = "";
  for (let rest = now, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) time = ALPHABET[rest % 32] + time;
  let tail = "";
  for (let i = 0; i < 16; i++) tail += ALPHABET[(random[i] ?? 0) % 32];
  return `${prefix}_${time}${tail}`;
}

/** An id from the platform's clock and randomness; cores get theirs passed in instead. */
export function newId(prefix: IdPrefix, now = Date.now()): string {
  return makeId(prefix, now, crypto.getRandomValues(new Uint8Array(16)));
}

const ID = /^[a-z]{1,4}_[0-9a-hjkmnp-tv-z]{26}$/;

/** True for the shape of an id, optionally of one kind. */
export function isId(text: string, prefix?: IdPrefix): boolean {
  return ID.test(text) && (prefix === undefined || text.startsWith(`${prefix}_`));
}
