/** When a mail that was not taken is tried again, and when it is given up. */

/** ms after each failure; a mail server that greylists takes minutes, one that is down is back within a day */
export const RETRY_AFTER_MS = [10_000, 60_000, 5 * 60_000, 30 * 60_000, 2 * 3_600_000, 6 * 3_600_000, 12 * 3_600_000];

export type Failure = {
  /** the server's reply code, where it came that far */
  code?: number;
  /** SMTP command the reply belongs to */
  command?: string;
  /** one line for the owner of the instance; holds no credentials */
  message: string;
};

export type Verdict = { kind: "again"; at: number } | { kind: "dead"; why: string };

/**
 * @param attempts failures so far, this one included
 * @param until ms; the mail is of no use later
 */
export function judge(failure: Failure, attempts: number, now: number, until: number | undefined): Verdict {
  if (isForGood(failure)) return { kind: "dead", why: failure.message };
  const wait = RETRY_AFTER_MS[attempts - 1];
  if (wait === undefined) return { kind: "dead", why: `given up after ${attempts} attempts: ${failure.message}` };
  const at = now + wait;
  if (until !== undefined && at >= until) return { kind: "dead", why: `too late to be of use: ${failure.message}` };
  return { kind: "again", at };
}

/** A 5xx to the recipient or to the content stays a no. One to the sign-in is a setting that somebody will correct. */
function isForGood({ code, command }: Failure): boolean {
  return code !== undefined && code >= 500 && code < 600 && (command === "RCPT TO" || command === "DATA");
}
