/**
 * Signatures between our own processes. Loopback is not authentication: every program on the machine reaches it, so
 * each internal request names its time and its body's digest and is signed with the instance's secret.
 * Runs in Node and in workerd (`nodejs_compat`): synchronous, because a room must not await inside a turn.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** ms; a signature older or newer than this is refused */
export const SIGNATURE_WINDOW_MS = 60_000;
/** Names the secret, so that it can be rotated. */
const KEY_ID = "1";

const HEADER = { time: "x-atrium-time", key: "x-atrium-key", signature: "x-atrium-signature" } as const;

function digest(body: string): string {
  return createHash("sha256").update(body).digest("hex");
}

function mac(secret: string, parts: string[]): Buffer {
  return createHmac("sha256", secret).update(parts.join("\n")).digest();
}

/**
 * Headers that prove a request comes from one of our processes.
 * @param path path and query as sent
 * @param now ms since the epoch
 */
export function signRequest(secret: string, method: string, path: string, body: string, now: number): Record<string, string> {
  const signature = mac(secret, [method.toUpperCase(), path, String(now), digest(body)]).toString("base64url");
  return { [HEADER.time]: String(now), [HEADER.key]: KEY_ID, [HEADER.signature]: signature };
}

/** True when the headers sign exactly this request within the window. Compares in constant time. */
export function verifyRequest(
  secret: string,
  method: string,
  path: string,
  body: string,
  header: (name: string) => string | null | undefined,
  now: number,
): boolean {
  const time = Number(header(HEADER.time));
  const given = header(HEADER.signature);
  if (!secret || !given || header(HEADER.key) !== KEY_ID || !Number.isFinite(time)) return false;
  if (Math.abs(now - time) > SIGNATURE_WINDOW_MS) return false;
  const expected = mac(secret, [method.toUpperCase(), path, String(time), digest(body)]);
  const actual = Buffer.from(given, "base64url");
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

/** A signed token: `base64url(JSON) . base64url(HMAC)`. For tickets and run tokens; the purpose is part of the MAC. */
export function signToken(secret: string, purpose: string, claims: object): string {
  const payload = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return `${payload}.${mac(secret, [purpose, payload]).toString("base64url")}`;
}

/** The claims of a token with a good signature for this purpose, unparsed; undefined for anything else. */
export function readToken(secret: string, purpose: string, token: string): unknown {
  const dot = token.indexOf(".");
  if (!secret || dot < 1 || token.length > 4_096) return undefined;
  const payload = token.slice(0, dot);
  const expected = mac(secret, [purpose, payload]);
  const actual = Buffer.from(token.slice(dot + 1), "base64url");
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) return undefined;
  try {
    return JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}
