/** What a request carries on its way, and how handlers ask for it. */
import type { Context } from "hono";
import type { Actor, ActorRef } from "../../party/protocol/common.ts";
import type { Role } from "../../party/protocol/roles.ts";
import { unauthenticated } from "./errors.ts";
import type { Services } from "./services.ts";

/** Who calls, and with what they proved it. */
export type Identity = {
  user: { id: string; email: string; name: string; timezone: string; instanceOwner: boolean };
  /** `since`: when the session was started, ISO 8601 */
  via: { kind: "session"; idHash: string; since: string } | { kind: "key"; id: string };
};

/** What the caller may do in the company of the path. */
export type Membership = { company: string; role: Role; rights: number };

export type AppEnv = {
  Variables: {
    services: Services;
    requestId: string;
    /** the client's address, forwarded ones only behind a trusted proxy */
    address: string;
    identity?: Identity;
    membership?: Membership;
    /** set by a route whose answer carries a secret that is shown once: it may not be kept anywhere */
    holdsSecret?: true;
  };
  /** the server's own objects, as @hono/node-server hands them over */
  Bindings: { incoming?: { socket?: { remoteAddress?: string } } };
};

export type AppContext = Context<AppEnv>;

/** The caller. Its route's policy has made sure there is one. */
export function identityOf(c: AppContext): Identity {
  const identity = c.get("identity");
  if (!identity) throw unauthenticated();
  return identity;
}

/** The caller's membership in `:companyId`. Its route's policy (`scope: "company"`) has made sure there is one. */
export function membershipOf(c: AppContext): Membership {
  const membership = c.get("membership");
  if (!membership) throw new Error("this route's policy does not name the scope company");
  return membership;
}

/** The caller as records and events name a person. */
export function actorRefOf(identity: Identity): ActorRef {
  return { id: identity.user.id, name: identity.user.name, kind: "person" };
}

/** The caller as a room's command carries them, with the rights this request was allowed by. */
export function roomActorOf(c: AppContext): Actor {
  const { role, rights } = membershipOf(c);
  return { ...actorRefOf(identityOf(c)), role, rights };
}
