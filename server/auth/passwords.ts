/**
 * Passwords: scrypt of node:crypto, off the event loop. The parameters travel with each hash, so they can be raised later.
 * Source of the numbers: OWASP Password Storage Cheat Sheet (N = 2^16, r = 8, p = 2).
 */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";

export type ScryptCost = { n: number; r: number; p: number };
export const SCRYPT_COST: ScryptCost = { n: 2 ** 16, r: 8, p: 2 };

/** Stored for people who sign in without a password. It has no form that any password could match. */
export const NO_PASSWORD = "none";

const SALT_BYTES = 16;
const KEY_BYTES = 32;
/** one hash takes 128 * n * r bytes (64 MiB) and a core: more at once would only take memory */
const PARALLEL = 2;
/** hashes that may wait; beyond it sign-ins are refused instead of piling up */
const MAX_WAITING = 64;

export type Passwords = {
  /** The text to store. */
  hash(password: string): Promise<string>;
  /** Takes equally long for an unknown person (`stored` undefined) and for one without a password, and is false then. */
  verify(password: string, stored: string | undefined): Promise<boolean>;
};

/** Too many sign-ins at once. */
export class PasswordsBusy extends Error {
  override name = "PasswordsBusy";
}

/** @param cost lower only in tests, which would otherwise spend their time here */
export function createPasswords(cost: ScryptCost = SCRYPT_COST): Passwords {
  const slots = createSlots(PARALLEL, MAX_WAITING);
  const derive = (password: string, salt: Buffer, { n, r, p }: ScryptCost) => {
    const options: ScryptOptions = { N: n, r, p, maxmem: 256 * n * r };
    return slots(
      () =>
        new Promise<Buffer>((resolve, reject) =>
          // NFKC: the same password typed on another keyboard or system is the same password.
          scrypt(password.normalize("NFKC"), salt, KEY_BYTES, options, (error, key) => (error ? reject(error) : resolve(key))),
        ),
    );
  };
  const nobody = format(cost, randomBytes(SALT_BYTES), randomBytes(KEY_BYTES));
  return {
    async hash(password) {
      const salt = randomBytes(SALT_BYTES);
      return format(cost, salt, await derive(password, salt, cost));
    },
    async verify(password, stored) {
      const real = stored === NO_PASSWORD ? undefined : stored;
      const { cost: storedCost, salt, key } = parse(real ?? nobody);
      const same = timingSafeEqual(await derive(password, salt, storedCost), key);
      return same && real !== undefined;
    },
  };
}

function format({ n, r, p }: ScryptCost, salt: Buffer, key: Buffer): string {
  return `scrypt$${n}$${r}$${p}$${salt.toString("base64url")}$${key.toString("base64url")}`;
}

function parse(stored: string): { cost: ScryptCost; salt: Buffer; key: Buffer } {
  const [kind, n, r, p, salt, key] = stored.split("$");
  if (kind !== "scrypt" || !salt || !key) throw new Error("a stored password has an unknown form");
  return {
    cost: { n: Number(n), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, "base64url"),
    key: Buffer.from(key, "base64url"),
  };
}

function createSlots(parallel: number, maxWaiting: number) {
  const waiting: (() => void)[] = [];
  let free = parallel;
  return async function run<T>(work: () => Promise<T>): Promise<T> {
    if (free > 0) free--;
    else if (waiting.length >= maxWaiting) throw new PasswordsBusy("too many sign-ins at once");
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}
