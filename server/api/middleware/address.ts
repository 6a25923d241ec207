/** The client's address. A forwarded one counts only as far as proxies named in ATRIUM_TRUST_PROXY vouch for it. */
import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "../context.ts";

const UNKNOWN = "unknown";

export const address: MiddlewareHandler<AppEnv> = async (c, next) => {
  const peer = bare(c.env?.incoming?.socket?.remoteAddress ?? UNKNOWN);
  const proxies = c.get("services").settings.trustedProxies;
  c.set("address", clientAddress(peer, c.req.header("x-forwarded-for"), proxies));
  await next();
};

/** Walks the forwarded addresses from our end and stops at the first that is not a trusted proxy. */
export function clientAddress(peer: string, forwarded: string | undefined, proxies: readonly string[]): string {
  const hops = (forwarded ?? "")
    .split(",")
    .map((hop) => bare(hop.trim()))
    .filter((hop) => hop !== "");
  let current = peer;
  while (proxies.includes(current)) {
    const next = hops.pop();
    if (next === undefined) break;
    current = next;
  }
  return current;
}

/** An IPv4 address that arrived over a dual-stack socket, in its usual form. */
function bare(text: string): string {
  return text.replace(/^::ffff:(?=\d+\.)/i, "");
}
