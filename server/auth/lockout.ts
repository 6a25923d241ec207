/**
 * Slows down guessing: ten failures in a quarter of an hour, per account and per address. An attempt is counted before it
 * is judged, in one write with the check, so that a burst of parallel guesses gets no more than ten either. Requests that
 * send a mail are counted the same way, under keys of their own.
 */
import { isIPv4, isIPv6 } from "node:net";
import { WriteRefused } from "../../db/errors.ts";
import { mustHold, type Statement } from "../../db/write-queue.ts";
import { ApiError } from "../api/errors.ts";
import type { Services } from "../api/services.ts";
import { groupsOf } from "./network.ts";
import { hashToken } from "./tokens.ts";

const MAX_FAILURES = 10;
/** mails to one address that strangers may have sent */
const MAX_MAILS = 3;
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
  return `address:${groupsOf(bare).slice(0, 4).join(":")}::/64`;
}

/** The key of mails that anybody may have sent to an address: asking for them must not lock its owner out. */
export function mailKey(email: string): string {
  return `mail:${hashToken(email)}`;
}

/** The key of an address for requests that send mails. */
export function mailAddressKey(address: string): string {
  return `mail-${addressKey(address)}`;
}

/** An attempt that was let through; tell it when it was a good one. */
export type Attempt = { succeeded(): Statement[] };

function limitOf(key: string): number {
  return key.startsWith("mail:") ? MAX_MAILS : MAX_FAILURES;
}

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
      ...keys.map((key) => mustHold("locked", "SELECT count(*) < ? FROM sign_in_failures WHERE key = ?", [limitOf(key), key])),
      ...keys.map((key) => ({
        sql: "INSERT INTO sign_in_failures (id, key, at) VALUES (?, ?, ?)",
        args: [`${id}/${key}`, key, now],
      })),
    ]);
  } catch (error) {
    if (!(error instanceof WriteRefused)) throw error;
    const what = keys.some((key) => key.startsWith("mail")) ? "Too many requests for a mail." : "Too many failed attempts.";
    throw new ApiError(429, "too_many_attempts", `${what} Wait a quarter of an hour and try again.`, {
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
