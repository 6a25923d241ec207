/** Our cookies: no script reads them, no other site sends them with a change, and over HTTPS they stay there. */
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { AppContext } from "../api/context.ts";
import { CHALLENGE_MS } from "./challenges.ts";
import { SESSION_COOKIE } from "./sessions.ts";
import { newToken } from "./tokens.ts";

/** Names the browser, not a person: what was begun in it is finished in it. */
const BROWSER_COOKIE = "atrium_browser";
/** only the routes that begin and finish a sign-in see it */
const BROWSER_PATH = "/api";

function isHttps(c: AppContext): boolean {
  return (c.get("services").settings.publicUrl ?? c.req.url).startsWith("https:");
}

export function setSessionCookie(c: AppContext, token: string, expires: Date): void {
  setCookie(c, SESSION_COOKIE, token, { path: "/", httpOnly: true, sameSite: "Lax", secure: isHttps(c), expires });
}

export function clearSessionCookie(c: AppContext): void {
  deleteCookie(c, SESSION_COOKIE, { path: "/", secure: isHttps(c) });
}

/** The secret of this browser; it gets one when it has none. Several tabs share it. */
export function browserSecret(c: AppContext): string {
  const secret = getCookie(c, BROWSER_COOKIE) ?? newToken();
  // Lax, not Strict: a provider sends people back with a link, and the cookie must come along.
  const maxAge = (2 * CHALLENGE_MS) / 1_000;
  setCookie(c, BROWSER_COOKIE, secret, { path: BROWSER_PATH, httpOnly: true, sameSite: "Lax", secure: isHttps(c), maxAge });
  return secret;
}

/** The secret that a browser came back with. */
export function knownBrowser(c: AppContext): string | undefined {
  return getCookie(c, BROWSER_COOKIE);
}
