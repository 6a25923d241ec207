/** What the owner of an instance does with the people of it: switch accounts off and on, make other owners. */
import { INSTANCE_CHAIN } from "../../db/audit.ts";
import { WriteRefused } from "../../db/errors.ts";
import { mustHold, orRefuse, type Statement, type UnitContext } from "../../db/write-queue.ts";
import type { ActorRef } from "../../party/protocol/common.ts";
import { conflict, notFound, RIGHTS_CHANGED } from "../api/errors.ts";
import type { Services } from "../api/services.ts";
import { type SignedIn, signedInOf, signOutEverywhere } from "./end-sessions.ts";

export type PersonChange = { disabled?: boolean | undefined; instanceOwner?: boolean | undefined };

/** Refuses the unit when the one who asked owns the instance no longer. */
export function stillInstanceOwner(person: string): Statement {
  return mustHold(
    RIGHTS_CHANGED,
    "SELECT EXISTS (SELECT 1 FROM users WHERE id = ? AND instance_owner = 1 AND disabled_at IS NULL)",
    [person],
  );
}

/**
 * Changes what a person is in the instance. Switching an account off ends its sessions and closes its sockets, those of its
 * API keys too; the keys work again when it is switched on.
 * @throws {ApiError} `not_found`, `last_instance_owner`, `not_yourself`
 */
export async function changePerson(services: Services, by: ActorRef, person: string, change: PersonChange): Promise<void> {
  if (person === by.id && change.disabled) {
    throw conflict("not_yourself", "You cannot switch your own account off. Ask another owner of this instance.");
  }
  const signedIn = await signedInOf(services.read, person, "with keys");
  await services
    .write(
      (context) => [
        stillInstanceOwner(by.id),
        ...(change.disabled === undefined ? [] : setDisabled(context, by, signedIn, change.disabled)),
        ...(change.instanceOwner === undefined ? [] : setOwner(context, by, person, change.instanceOwner)),
        mustHold("last_instance_owner", "SELECT EXISTS (SELECT 1 FROM users WHERE instance_owner = 1 AND disabled_at IS NULL)"),
      ],
      { chains: [INSTANCE_CHAIN] },
    )
    .catch(explain);
}

function setDisabled(context: UnitContext, by: ActorRef, signedIn: SignedIn, disabled: boolean): Statement[] {
  const { person } = signedIn;
  return [
    // Switching off twice keeps the first time.
    disabled
      ? { sql: "UPDATE users SET disabled_at = coalesce(disabled_at, ?) WHERE id = ?", args: [context.now, person] }
      : { sql: "UPDATE users SET disabled_at = NULL WHERE id = ?", args: [person] },
    orRefuse("not_found"),
    ...(disabled ? signOutEverywhere(context, signedIn) : []),
    // Links that were mailed before must not be a way around it later.
    { sql: "DELETE FROM account_links WHERE user = ?", args: [person] },
    context.activity({
      chain: INSTANCE_CHAIN,
      actor: by,
      action: disabled ? "person.disabled" : "person.enabled",
      subject: { kind: "person", id: person },
    }),
  ];
}

function setOwner(context: UnitContext, by: ActorRef, person: string, owner: boolean): Statement[] {
  return [
    { sql: "UPDATE users SET instance_owner = ? WHERE id = ?", args: [owner ? 1 : 0, person] },
    orRefuse("not_found"),
    context.activity({
      chain: INSTANCE_CHAIN,
      actor: by,
      action: owner ? "person.made_instance_owner" : "person.instance_owner_taken",
      subject: { kind: "person", id: person },
    }),
  ];
}

function explain(error: unknown): never {
  if (!(error instanceof WriteRefused)) throw error;
  switch (error.code) {
    case "not_found":
      throw notFound();
    case "last_instance_owner":
      throw conflict("last_instance_owner", "An instance needs an owner. Make someone else owner first.");
    default:
      throw error;
  }
}
