/**
 * Refuses changes that another site's page asks a browser for. Cookies alone cannot tell: they travel with requests the
 * person never meant. Programs send neither header and prove themselves with a key.
 */
import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "../context.ts";
import { ApiError } from "../errors.ts";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

export const crossSite: MiddlewareHandler<AppEnv> = async (c, next) => {
  const source = {
    site: c.req.header("sec-fetch-site"),
    origin: c.req.header("origin"),
    host: c.req.header("host"),
    publicUrl: c.get("services").settings.publicUrl,
  };
  if (!SAFE.has(c.req.method) && !isSameSite(source)) {
    throw new ApiError(
      403,
      "cross_site",
      "Another website asked for this, so it was refused. Open Atrium itself and do it there.",
    );
  }
  await next();
};

export type Source = {
  /** Sec-Fetch-Site */
  site: string | undefined;
  origin: string | undefined;
  host: string | undefined;
  /** ATRIUM_URL: when set, it alone is our origin, whatever a proxy makes of Host */
  publicUrl: string | undefined;
};

/** True when a page of this instance, or no page at all, made the request. */
export function isSameSite({ site, origin, host, publicUrl }: Source): boolean {
  if (site !== undefined && site !== "same-origin" && site !== "none") return false;
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  const given = new URL(origin);
  if (publicUrl !== undefined) return given.origin === new URL(publicUrl).origin;
  // Without a scheme in Host the two can only be compared by host; browsers send the port in both.
  return host !== undefined && given.host === host.toLowerCase();
}
