/** The address people use, for links that leave the app and for what a browser proves itself against. */
import type { AppContext } from "./context.ts";
import type { Services } from "./services.ts";

/**
 * For links that are sent to somebody else: the configured origin, else the address the launcher printed. Never the Host of a
 * request: a stranger chooses that, and a link with a token in it would lead to them.
 */
export function originForMail({ settings }: Pick<Services, "settings">): string {
  return settings.publicUrl ?? settings.address;
}

/** The configured origin, else the one this request came to: for links shown to whoever asked. */
export function originOf(c: AppContext): string {
  return c.get("services").settings.publicUrl ?? new URL(c.req.url).origin;
}
