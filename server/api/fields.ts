/** Fields that several resources take, so that a name is a name everywhere. */
import { z } from "@hono/zod-openapi";
import { ROLES } from "../../party/protocol/roles.ts";

/** No control characters, and none that turn the direction of the text around it: names appear in approvals and logs. */
const PLAIN = /^[^\p{Cc}\u202a-\u202e\u2066-\u2069]*$/u;

export const id = z.string().min(1).max(64);
export const role = z.enum(ROLES);
export const time = z.string().openapi({ description: "ISO 8601 UTC" });
export const version = z.number().int().min(1);

/** A line of text for people. @param max characters */
export function line(max: number) {
  return z.string().trim().min(1).max(max).regex(PLAIN, "has characters that cannot be shown");
}

export const personName = line(80);

/** Compared without regard to case; mailboxes that differ by it are not a thing in practice. */
export const email = z.string().trim().toLowerCase().max(254).pipe(z.email("is not an e-mail address"));

/** Source of the bounds: NIST SP 800-63B (at least 8, no rules about kinds of characters); the end keeps hashing cheap. */
export const password = z.string().min(10, "needs at least 10 characters").max(1_000);

export const timezone = z.string().max(64).refine(isTimezone, "is not a time zone such as Europe/Oslo");

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const MAX_PAGE = 200;
const DEFAULT_PAGE = 50;

/** `?limit=&cursor=` of a list. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(DEFAULT_PAGE),
  cursor: z.string().max(200).optional(),
});

/** A page of a list; `nextCursor` is null at the end. */
export function pageOf<S extends z.ZodType>(item: S) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

/**
 * Cuts rows fetched with `limit + 1` into a page.
 * @param key what the next page starts after
 */
export function cutPage<T>(
  rows: readonly T[],
  limit: number,
  key: (row: T) => string,
): { items: T[]; nextCursor: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last ? key(last) : null };
}
