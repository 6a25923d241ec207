/**
 * Slows down guessing: ten failures in a quarter of an hour, per account and per address. An attempt is counted before it
 * is judged, in one write with the check, so that a burst of parallel guesses gets no more than ten either.
 */
import { isIPv4, isIPv6 } from "node:net";
import { WriteRefused } from "../../db/errors.ts";
import { mustHold, type Statement } from "../../db/write-queue.ts";
import { ApiError } from "../api/errors.ts";
import type { Services } from "../api/services.ts";
import { hashToken } from "./tokens.ts";

const MAX_FAILURES = 10;
/** ms */
const WINDOW_MS = 15 * 60_000;

/** The key of an account, whether it exists or not. The address of a mailbox is not stored in clear. */
export function accountKey(email: string): string {
  return `account:${hashToken(email)}`;
}

/** The key of an address: one IPv4, or the /64 that a single IPv6 customer owns. */
export function addressKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
  if (isIPv4(mapped)) return `address:${mapped}`;
  const bare = mapped.split("%", 1)[0] ?? "";
  if (!isIPv6(bare)) return "address:unknown";
  // The URL parser writes an IPv6 address in its one canonical form.
  const [head = "", tail] = new URL(`http://[${bare}]`).hostname.slice(1, -1).split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => "0");
  return `address:${[...left, ...zeros, ...right].slice(0, 4).join(":")}::/64`;
}

/** An attempt that was let through; tell it when it was a good one. */
export type Attempt = { succeeded(): Statement[] };

/**
 * Counts an attempt against every key.
 * @throws 429 when one of them has used up its failures
 */
export async function beginAttempt({ write, clock }: Services, keys: readonly string[]): Promise<Attempt> {
  const since = new Date(clock.now() - WINDOW_MS).toISOString();
  const id = crypto.randomUUID();
  try {
    await write(({ now }) => [
      { sql: "DELETE FROM sign_in_failures WHERE at <= ?", args: [since] },
      ...keys.map((key) => mustHold("locked", "SELECT count(*) < ? FROM sign_in_failures WHERE key = ?", [MAX_FAILURES, key])),
      ...keys.map((key) => ({
        sql: "INSERT INTO sign_in_failures (id, key, at) VALUES (?, ?, ?)",
        args: [`${id}/${key}`, key, now],
      })),
    ]);
  } catch (error) {
    if (!(error instanceof WriteRefused)) throw error;
    throw new ApiError(429, "too_many_attempts", "Too many failed attempts. Wait a quarter of an hour and try again.", {
      retryAfterS: WINDOW_MS / 1_000,
    });
  }
  return {
    succeeded: () => [
      // The account's slate is clean; the address keeps what it failed at elsewhere, without this attempt.
      ...keys
        .filter((key) => key.startsWith("account:"))
        .map((key) => ({ sql: "DELETE FROM sign_in_failures WHERE key = ?", args: [key] })),
      ...keys.map((key) => ({ sql: "DELETE FROM sign_in_failures WHERE id = ?", args: [`${id}/${key}`] })),
    ],
  };
}
