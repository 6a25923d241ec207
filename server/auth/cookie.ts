/** The session's cookie: no script reads it, no other site sends it with a change, and over HTTPS it stays there. */
import { deleteCookie, setCookie } from "hono/cookie";
import type { AppContext } from "../api/context.ts";
import { SESSION_COOKIE } from "./sessions.ts";

function isHttps(c: AppContext): boolean {
  return (c.get("services").settings.publicUrl ?? c.req.url).startsWith("https:");
}

export function setSessionCookie(c: AppContext, token: string, expires: Date): void {
  setCookie(c, SESSION_COOKIE, token, { path: "/", httpOnly: true, sameSite: "Lax", secure: isHttps(c), expires });
}

export function clearSessionCookie(c: AppContext): void {
  deleteCookie(c, SESSION_COOKIE, { path: "/", secure: isHttps(c) });
}
