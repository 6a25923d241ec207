/** The address people use, for links that leave the app and for what a browser proves itself against. */
import type { AppContext } from "./context.ts";

/** The configured origin, else the one this request came to. */
export function originOf(c: AppContext): string {
  return c.get("services").settings.publicUrl ?? new URL(c.req.url).origin;
}
