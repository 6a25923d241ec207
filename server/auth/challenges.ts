/**
 * Secrets that are good once, for a few minutes, in the browser that asked for them: the challenge of a passkey, the
 * `state` of a sign-in elsewhere. In memory: after a restart of the api a person begins that one step again.
 */
import { hashToken, matchesHash, newToken } from "./tokens.ts";

/** ms; source: WebAuthn recommends five to ten minutes, and a sign-in elsewhere with a second factor takes about two */
export const CHALLENGE_MS = 5 * 60_000;
/** open ones per address, so that nobody pushes out those of others */
const MAX_PER_ADDRESS = 50;
/** open ones altogether; some 500 bytes each */
const MAX_OPEN = 10_000;

/** What a challenge is for; one kind does not pass for another. */
export type Purpose =
  | { kind: "passkey.register"; user: string }
  | { kind: "passkey.sign-in" }
  | { kind: "oidc"; provider: string; nonce: string; verifier: string; intent: Intent };

/** What a sign-in elsewhere is to lead to. */
export type Intent =
  | { kind: "sign-in"; invite: string | undefined; timezone: string | undefined; next: string | undefined }
  | { kind: "link"; user: string };

type Open = { purpose: Purpose; browser: string; address: string; until: number };

export class Challenges {
  readonly #now: () => number;
  /** oldest first, by insertion */
  readonly #open = new Map<string, Open>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * A new challenge, 43 characters of base64url.
   * @param browser the secret in that browser's cookie
   */
  issue(purpose: Purpose, browser: string, address: string): string {
    this.#forgetOld(address);
    const challenge = newToken();
    this.#open.set(challenge, { purpose, browser: hashToken(browser), address, until: this.#now() + CHALLENGE_MS });
    return challenge;
  }

  /** Uses a challenge up. Undefined when it is unknown, used, too old, of another kind or another browser's. */
  take<K extends Purpose["kind"]>(
    kind: K,
    challenge: string,
    browser: string | undefined,
  ): Extract<Purpose, { kind: K }> | undefined {
    const open = this.#open.get(challenge);
    // Another browser's try leaves it standing for the one it belongs to.
    if (!open || browser === undefined || !matchesHash(browser, open.browser)) return undefined;
    this.#open.delete(challenge);
    if (open.until <= this.#now() || !isOf(open.purpose, kind)) return undefined;
    return open.purpose;
  }

  #forgetOld(address: string): void {
    const now = this.#now();
    const ofAddress: string[] = [];
    for (const [challenge, open] of this.#open) {
      if (open.until <= now) this.#open.delete(challenge);
      else if (open.address === address) ofAddress.push(challenge);
    }
    for (const challenge of ofAddress.slice(0, Math.max(0, ofAddress.length + 1 - MAX_PER_ADDRESS))) this.#open.delete(challenge);
    const [oldest] = this.#open.keys();
    if (this.#open.size >= MAX_OPEN && oldest !== undefined) this.#open.delete(oldest);
  }
}

function isOf<K extends Purpose["kind"]>(purpose: Purpose, kind: K): purpose is Extract<Purpose, { kind: K }> {
  return purpose.kind === kind;
}
