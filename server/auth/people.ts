/** What the owner of an instance does with the people of it: switch accounts off and on, make other owners. */
import { INSTANCE_CHAIN } from "../../db/audit.ts";
import { WriteRefused } from "../../db/errors.ts";
import { mustHold, orRefuse, type Statement, type UnitContext } from "../../db/write-queue.ts";
import type { ActorRef } from "../../party/protocol/common.ts";
import { conflict, notFound, RIGHTS_CHANGED } from "../api/errors.ts";
import { membershipsOf, type Place } from "../api/memberships.ts";
import { tellMember } from "../api/records.ts";
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
  const target = await loadTarget(services, person);
  await services
    .write(
      (context) => [
        stillInstanceOwner(by.id),
        ...(change.disabled === undefined ? [] : setDisabled(context, by, target, change.disabled)),
        ...(change.instanceOwner === undefined ? [] : setOwner(context, by, person, change.instanceOwner)),
        mustHold("last_instance_owner", "SELECT EXISTS (SELECT 1 FROM users WHERE instance_owner = 1 AND disabled_at IS NULL)"),
      ],
      { chains: [INSTANCE_CHAIN] },
    )
    .catch(explain);
}

/** A person with what they are signed in with, and their place in each company. */
type Target = { id: string; name: string; signedIn: SignedIn; places: readonly Place[] };

async function loadTarget({ read }: Services, person: string): Promise<Target> {
  const [{ rows }, signedIn, places] = await Promise.all([
    read.execute({ sql: "SELECT name FROM users WHERE id = ?", args: [person] }),
    signedInOf(read, person, "with keys"),
    membershipsOf(read, person),
  ]);
  const row = rows[0];
  if (!row) throw notFound();
  return { id: person, name: String(row.name), signedIn, places };
}

function setDisabled(context: UnitContext, by: ActorRef, target: Target, disabled: boolean): Statement[] {
  const { id, signedIn, places } = target;
  return [
    // Switching off twice keeps the first time.
    disabled
      ? { sql: "UPDATE users SET disabled_at = coalesce(disabled_at, ?) WHERE id = ?", args: [context.now, id] }
      : { sql: "UPDATE users SET disabled_at = NULL WHERE id = ?", args: [id] },
    orRefuse("not_found"),
    ...(disabled ? signOutEverywhere(context, signedIn) : []),
    ...places.flatMap((place) => tellRoom(context, by, target, place, disabled)),
    // Links that were mailed before must not be a way around it later.
    { sql: "DELETE FROM account_links WHERE user = ?", args: [id] },
    context.activity({
      chain: INSTANCE_CHAIN,
      actor: by,
      action: disabled ? "person.disabled" : "person.enabled",
      subject: { kind: "person", id },
    }),
  ];
}

/**
 * For the rooms a person who is switched off is nobody, with newer rights than any ticket that is still on its way: such a ticket
 * opens nothing. The record of the membership stays, and is told again when the person comes back.
 */
function tellRoom(context: UnitContext, by: ActorRef, { id, name }: Target, place: Place, gone: boolean): Statement[] {
  const { company, role } = place;
  const rights = place.rights + 1;
  return [
    {
      sql: "UPDATE members SET rights = ? WHERE company = ? AND user = ? AND rights = ? AND removed_at IS NULL",
      args: [rights, company, id, place.rights],
    },
    orRefuse("stale"),
    gone
      ? context.toRoom("company", company, { kind: "member.removed", id, name, rights, by })
      : tellMember(context, company, { id, name, role, rights }, by),
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
