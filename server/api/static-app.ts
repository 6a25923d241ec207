/** The built app: hashed files for ever, everything else fresh, and the page itself for every path of the screens. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { serveStatic } from "@hono/node-server/serve-static";
import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "./context.ts";
import { ApiError, notFound } from "./errors.ts";

/** What belongs to programs: a wrong path there is an error and not a page. */
const NOT_SCREENS = /^\/(api|artifacts|internal|parties|webhooks)(\/|$)/;
const HASHED = "/assets/";

/** @param folder `dist/app` */
export function staticApp(folder: string): MiddlewareHandler<AppEnv> {
  const page = join(folder, "index.html");
  const files = serveStatic<AppEnv>({ root: folder, precompressed: true });
  const index = serveStatic<AppEnv>({ root: folder, path: "index.html", precompressed: true });
  return async (c, next) => {
    const { path, method } = c.req;
    if ((method !== "GET" && method !== "HEAD") || NOT_SCREENS.test(path)) throw notFound();
    if (!existsSync(page))
      throw new ApiError(503, "not_built", "The app is not built yet. Run `npm run build`, or start with `npm start`.");
    const file = path === "/" ? undefined : await files(c, async () => {});
    if (file instanceof Response) {
      file.headers.set("cache-control", path.startsWith(HASHED) ? "public, max-age=31536000, immutable" : "no-cache");
      return file;
    }
    // A file that is gone must not turn into a page that a browser then reads as a script.
    if (path.startsWith(HASHED)) throw notFound();
    const answer = await index(c, next);
    if (!(answer instanceof Response)) throw notFound();
    answer.headers.set("cache-control", "no-cache");
    return answer;
  };
}
