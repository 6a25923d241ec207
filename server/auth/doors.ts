/** The doors by which a new person comes in, and the account that is made behind them. */
import { INSTANCE_CHAIN } from "../../db/audit.ts";
import { WriteRefused } from "../../db/errors.ts";
import type { Statement, UnitContext } from "../../db/write-queue.ts";
import { assertNever } from "../../party/protocol/assert.ts";
import type { ActorRef } from "../../party/protocol/common.ts";
import { conflict, forbidden } from "../api/errors.ts";
import type { Services } from "../api/services.ts";
import { explainJoin, join, type OpenInvite, openInvite } from "./invites.ts";
import { isOwnerToken, spendOwnerToken } from "./owner-token.ts";

export type Door = { kind: "owner"; token: string } | { kind: "invite"; invite: OpenInvite } | { kind: "open" };

/**
 * The door that a token opens for an address; without a token the instance must be open to everybody.
 * @throws {ApiError} with the reason why nobody comes in here
 */
export async function findDoor(services: Services, mailbox: string, token: string | undefined): Promise<Door> {
  const { read, clock, settings } = services;
  if (token !== undefined) {
    if (await isOwnerToken(read, token)) return { kind: "owner", token };
    return { kind: "invite", invite: await openInvite(read, token, mailbox, clock.now()) };
  }
  const { rows } = await read.execute("SELECT 1 FROM users LIMIT 1");
  // The first person always needs the token: an open instance still has one owner, the one who started it.
  if (rows.length === 0) throw forbidden("Open the first-owner link that the terminal printed at the start.");
  if (!settings.openSignUp) throw forbidden("You need an invite to make an account here.");
  return { kind: "open" };
}

export type NewAccount = {
  person: ActorRef;
  email: string;
  timezone: string;
  /** or NO_PASSWORD */
  passwordHash: string;
  /** ISO 8601: somebody we trust has seen that the address is theirs */
  emailVerifiedAt: string | undefined;
};

/** Audit chains of the unit that `makeAccount` makes. */
export function chainsOf(door: Door): string[] {
  return door.kind === "invite" ? [INSTANCE_CHAIN, door.invite.company] : [INSTANCE_CHAIN];
}

/** Makes an account and leads it through its door. Refusals are explained by `explainAccount`. */
export function makeAccount(context: UnitContext, door: Door, account: NewAccount): Statement[] {
  const { person, email, timezone, passwordHash, emailVerifiedAt } = account;
  return [
    ...(door.kind === "owner" ? spendOwnerToken(door.token) : []),
    {
      sql: `INSERT INTO users (id, email, name, timezone, password_hash, instance_owner, created_at, email_verified_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      args: [
        person.id,
        email,
        person.name,
        timezone,
        passwordHash,
        door.kind === "owner" ? 1 : 0,
        context.now,
        emailVerifiedAt ?? null,
      ],
      refuse: "email_taken",
    },
    context.activity({
      chain: INSTANCE_CHAIN,
      actor: person,
      action: "account.created",
      subject: { kind: "person", id: person.id },
      data: { by: door.kind },
    }),
    ...enter(context, door, person),
  ];
}

function enter(context: UnitContext, door: Door, person: ActorRef): Statement[] {
  switch (door.kind) {
    case "invite":
      return join(context, door.invite, person, 0);
    case "owner":
    case "open":
      return [];
    default:
      return assertNever(door);
  }
}

/** The sentence for a refused `makeAccount`. */
export function explainAccount(error: unknown): never {
  if (error instanceof WriteRefused && error.code === "email_taken") {
    throw conflict("email_taken", "There is an account with this e-mail address. Sign in and use the invite there.");
  }
  if (error instanceof WriteRefused && error.code === "taken_over") {
    throw conflict("taken_over", "This instance has an owner by now. Ask them for an invite.");
  }
  return explainJoin(error);
}
