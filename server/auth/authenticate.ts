/** Who sends a request: a key in a header, or a browser's cookie. A credential that is present and bad is never passed over. */
import { getCookie } from "hono/cookie";
import type { AppContext, Identity } from "../api/context.ts";
import { checkApiKey } from "./api-keys.ts";
import { setSessionCookie } from "./cookie.ts";
import { networkOf } from "./network.ts";
import { SESSION_COOKIE } from "./sessions.ts";

const BEARER = /^Bearer ([^\s]+)$/i;

/** The caller; undefined when nothing proves one. Looked up once a request. */
export async function authenticate(c: AppContext): Promise<Identity | undefined> {
  const identity = c.get("identity") ?? (await lookUp(c));
  c.set("identity", identity);
  return identity;
}

async function lookUp(c: AppContext): Promise<Identity | undefined> {
  const authorization = c.req.header("authorization");
  const header = c.req.header("x-api-key");
  if (authorization !== undefined || header !== undefined) {
    const key = authorization === undefined ? header : BEARER.exec(authorization)?.[1];
    // Two headers that disagree are a mistake or an attempt; neither is chosen.
    if (key === undefined || (header !== undefined && header !== key)) return undefined;
    const found = await checkApiKey(c.get("services"), key);
    return found && { user: found.user, via: { kind: "key", id: found.id } };
  }
  const token = getCookie(c, SESSION_COOKIE);
  if (!token) return undefined;
  const found = await c.get("services").sessions.check(token);
  if (!found) return undefined;
  if (found.renewed) setSessionCookie(c, token, found.renewed);
  c.get("services").sessions.seen(found, networkOf(c.get("address")));
  return { user: found.user, via: { kind: "session", idHash: found.idHash, since: found.createdAt } };
}
