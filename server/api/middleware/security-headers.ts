/** What a browser is told to refuse. Scripts come from this origin only; sockets and requests go nowhere else. */
import type { MiddlewareHandler } from "hono";
import { artifactOrigin } from "../../files/artifacts/origin.ts";
import type { AppEnv } from "../context.ts";

/** s; two years, the least that browsers' preload lists take */
const HSTS_S = 63_072_000;
const HOST = /^[A-Za-z0-9.-]+(:\d+)?$|^\[[0-9a-fA-F:.]+\](:\d+)?$/;

export const securityHeaders: MiddlewareHandler<AppEnv> = async (c, next) => {
  await next();
  const { publicUrl, files } = c.get("services").settings;
  const headers = c.res.headers;
  // Files bring a stricter one of their own.
  if (!headers.has("content-security-policy")) {
    headers.set("content-security-policy", contentSecurityPolicy(publicUrl, c.req.header("host"), files.artifactsUrl));
  }
  headers.set("x-content-type-options", "nosniff");
  headers.set("x-frame-options", "DENY");
  headers.set("referrer-policy", "no-referrer");
  headers.set("cross-origin-opener-policy", "same-origin");
  headers.set("cross-origin-resource-policy", "same-origin");
  headers.set("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
  if (publicUrl?.startsWith("https:")) headers.set("strict-transport-security", `max-age=${HSTS_S}`);
  if (c.req.path.startsWith("/api/") && !headers.has("cache-control")) headers.set("cache-control", "no-store");
};

/** @param host as the request named it: older browsers do not count our WebSockets as 'self', so they are named */
export function contentSecurityPolicy(publicUrl: string | undefined, host: string | undefined, artifactsUrl?: string): string {
  const own = publicUrl ? new URL(publicUrl).host : host;
  const scheme = publicUrl?.startsWith("https:") ? "wss" : "ws";
  const sockets = own && HOST.test(own) ? ` ${scheme}://${own}` : "";
  const frames = artifactOrigin({ publicUrl, artifactsUrl }, host)?.origin ?? "'none'";
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "media-src 'self' blob:",
    "worker-src 'self'",
    "manifest-src 'self'",
    `connect-src 'self'${sockets}`,
    // Also where a frame may go by itself: an artifact can take nothing along to elsewhere.
    `frame-src ${frames}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
