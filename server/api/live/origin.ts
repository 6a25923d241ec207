/** Which upgrades a browser may make: a page of another site must not open our sockets with a person's ticket. */

export type UpgradeSource = {
  /** `Origin`, as sent; browsers always send it with a WebSocket */
  origin: string | undefined;
  /** `Host`, as sent */
  host: string | undefined;
  /** ATRIUM_URL: when set, it alone is our origin, whatever a proxy makes of Host */
  publicUrl: string | undefined;
  hasTicket: boolean;
};

/**
 * True for a page of this instance, and for a program (no `Origin`) that holds a ticket. `null`, the origin of sandboxed frames
 * and files, is foreign.
 */
export function originAllowed({ origin, host, publicUrl, hasTicket }: UpgradeSource): boolean {
  if (origin === undefined) return hasTicket;
  if (!URL.canParse(origin)) return false;
  const url = new URL(origin);
  if (url.protocol !== "http:" && url.protocol !== "https:") return false;
  if (publicUrl !== undefined) return url.origin === new URL(publicUrl).origin;
  return host !== undefined && url.host === host.toLowerCase();
}
