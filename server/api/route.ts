/** What every route says about itself: who may call it and on what. A route without a policy fails the tests. */
import type { Hono, MiddlewareHandler } from "hono";
import type { Role } from "../../party/protocol/roles.ts";
import type { AppEnv } from "./context.ts";
import { enforce } from "./middleware/enforce.ts";

export type RoutePolicy = {
  /**
   * - `none`: anyone
   * - `person`: a signed-in browser or an API key
   * - `browser`: a signed-in browser only; a key must not make keys, change passwords or end sessions
   * - `internal`: one of our processes, by its signature, on the loopback listener
   * - `run`: a run, by its token
   * - `metrics`: loopback, or the metrics token
   */
  auth: "none" | "person" | "browser" | "internal" | "run" | "metrics";
  /**
   * - `public`: nothing of anybody
   * - `self`: the caller's own things
   * - `company`: the company of `:companyId`, in which the caller must be a member
   * - `room`: the room named in the body; the handler asks for the membership with `requireMembership`
   * - `instance`: the installation itself; people must own it
   */
  scope: "public" | "self" | "company" | "room" | "instance";
  /** the least role in the company; null where the scope has none */
  minRole: Role | null;
  /** true when it changes something */
  mutates: boolean;
  /** what changes is refused while the disk is full, except what people need to look and to make room */
  whenFull?: "refuse" | "allow";
  /** `safe`: done again with the same key it has no second effect, so a repeat need not wait for an answer that died */
  repeat?: "safe";
};

/** Middleware that knows its policy, so that a test can walk the routes. */
export type PolicyMiddleware = MiddlewareHandler<AppEnv> & { policy: RoutePolicy };

/** Declares and enforces a route's policy: `createRoute({ …, middleware: policy({ … }) })`, before any validation. */
export function policy(declared: RoutePolicy): PolicyMiddleware {
  return Object.assign(enforce(declared), { policy: declared });
}

function isPolicyMiddleware(handler: unknown): handler is PolicyMiddleware {
  return typeof handler === "function" && "policy" in handler;
}

export type DeclaredRoute = { method: string; path: string; policy: RoutePolicy | undefined };

/** Every route of an app with the policy it declares. Middleware for all methods is not a route. */
export function declaredRoutes(app: Pick<Hono<AppEnv>, "routes">): DeclaredRoute[] {
  const found = new Map<string, DeclaredRoute>();
  for (const { method, path, handler } of app.routes) {
    if (method === "ALL") continue;
    const key = `${method} ${path}`;
    const known = found.get(key) ?? { method, path, policy: undefined };
    if (isPolicyMiddleware(handler)) known.policy = handler.policy;
    found.set(key, known);
  }
  return [...found.values()];
}
