/** Enforces a route's policy before its input is even parsed: who, in which company, with which role, on a disk with space, once. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { assertNever } from "../../../party/protocol/assert.ts";
import { atLeast, ROLES, type Role } from "../../../party/protocol/roles.ts";
import { verifyRequest } from "../../../party/protocol/sign.ts";
import { authenticate } from "../../auth/authenticate.ts";
import { type AppContext, type AppEnv, identityOf, type Membership } from "../context.ts";
import { forbidden, notFound, storageFull, unauthenticated } from "../errors.ts";
import type { RoutePolicy } from "../route.ts";
import { once } from "./idempotency.ts";

const LOOPBACK = new Set(["127.0.0.1", "::1", "::ffff:127.0.0.1"]);

/** The middleware behind `policy()` in route.ts. */
export function enforce(policy: RoutePolicy): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    await admit(c, policy);
    if (policy.scope === "company") {
      c.set("membership", await requireMembership(c, c.req.param("companyId") ?? "", policy.minRole ?? "viewer"));
    }
    if (policy.scope === "instance") requireInstanceOwner(c, policy);
    if (policy.mutates && policy.whenFull !== "allow" && c.get("services").disk.state === "full") throw storageFull();
    return once(c, policy, next);
  };
}

async function admit(c: AppContext, policy: RoutePolicy): Promise<void> {
  switch (policy.auth) {
    case "none":
    case "run":
      // Run tokens are checked by the routes that take them: the claims decide what they are good for.
      return;
    case "person":
    case "browser": {
      const identity = await authenticate(c);
      if (!identity) throw unauthenticated();
      if (policy.auth === "browser" && identity.via.kind !== "session") {
        throw forbidden("An API key cannot do this. Sign in with a browser.");
      }
      return;
    }
    case "internal":
      return requireSignature(c);
    case "metrics":
      return requireMetricsAccess(c);
    default:
      assertNever(policy.auth);
  }
}

/** What people ask of the installation itself is its owners' business; probes and metrics have their own doors. */
function requireInstanceOwner(c: AppContext, { auth }: RoutePolicy): void {
  if (auth !== "person" && auth !== "browser") return;
  if (!identityOf(c).user.instanceOwner) throw forbidden("Only an owner of this instance can do this.");
}

/**
 * The caller's membership in a company.
 * @throws 404 when they are not in it or it does not exist, 403 when their role is below `minRole`
 */
export async function requireMembership(c: AppContext, company: string, minRole: Role): Promise<Membership> {
  const { user } = identityOf(c);
  const { rows } = await c.get("services").read.execute({
    sql: "SELECT role, rights FROM members WHERE company = ? AND user = ? AND removed_at IS NULL",
    args: [company, user.id],
  });
  const row = rows[0];
  const role = ROLES.find((known) => known === row?.role);
  if (!row || !role) throw notFound();
  if (!atLeast(role, minRole)) throw forbidden(`This needs the role ${minRole} in this company; you are ${role}.`);
  return { company, role, rights: Number(row.rights) };
}

async function requireSignature(c: AppContext): Promise<void> {
  const { secrets, clock } = c.get("services");
  const { pathname, search } = new URL(c.req.url);
  const body = await c.req.text();
  if (!verifyRequest(secrets.rooms, c.req.method, pathname + search, body, (name) => c.req.header(name), clock.now())) {
    throw unauthenticated();
  }
}

async function requireMetricsAccess(c: AppContext): Promise<void> {
  const token = c.get("services").settings.metricsToken;
  if (token === undefined) {
    // A proxy on this machine is loopback too; whom it speaks for shows in its headers.
    const forwarded = c.req.header("x-forwarded-for") ?? c.req.header("forwarded") ?? c.req.header("x-real-ip");
    if (forwarded !== undefined || !LOOPBACK.has(c.get("address"))) throw notFound();
    return;
  }
  if (!sameText(c.req.header("authorization") ?? "", `Bearer ${token}`)) throw unauthenticated();
}

/** Compares in a time that does not depend on where they differ. */
function sameText(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map((text) => createHash("sha256").update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
