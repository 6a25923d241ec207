/** What follows when a provider has said who somebody is: sign in, link, or join with an invite. An address alone opens nothing. */
import { INSTANCE_CHAIN } from "../../../db/audit.ts";
import { WriteRefused } from "../../../db/errors.ts";
import { mustHold, type Statement, type UnitContext } from "../../../db/write-queue.ts";
import type { ActorRef } from "../../../party/protocol/common.ts";
import { newId } from "../../../party/protocol/ids.ts";
import type { AppContext } from "../../api/context.ts";
import { ApiError, conflict } from "../../api/errors.ts";
import { email as emailField, personName } from "../../api/fields.ts";
import type { Services } from "../../api/services.ts";
import { noticeLetter } from "../../mail/letters.ts";
import type { Intent } from "../challenges.ts";
import { chainsOf, type Door, explainAccount, findDoor, makeAccount } from "../doors.ts";
import { NO_PASSWORD } from "../passwords.ts";
import type { SessionUser } from "../sessions.ts";
import { FOUND_COLUMNS, type Found, foundOf, signInAs, startSession } from "../sign-in.ts";
import type { ProviderPerson } from "./claims.ts";
import type { ProviderName } from "./settings.ts";

/** A provider's account, ready to be stored. */
type Account = ProviderPerson & { provider: ProviderName };

/**
 * Lets a person in whom a provider vouches for.
 * @throws {ApiError} with the reason why not
 */
export async function enterWith(c: AppContext, account: Account, intent: Extract<Intent, { kind: "sign-in" }>): Promise<void> {
  const services = c.get("services");
  const linked = await linkedPerson(services, account);
  if (linked) return signInAs(c, linked, account.provider, [usedNow(services, account)]);
  if (account.verified === "no") throw unverified(account);
  const same = await personWithAddress(services, account);
  if (!same) return makePerson(c, account, intent);
  // Both sides must have seen that the address is theirs: else whoever signed up first with somebody's address, here or
  // there, would own what the other one does.
  if (account.verified !== "yes" || !same.addressProved) throw addressTaken(account);
  const { user } = same.found;
  await services.write((context) => link(context, services, account, user), { chains: [INSTANCE_CHAIN] }).catch(explainLink);
  services.mail.kick();
  return signInAs(c, same.found, account.provider, []);
}

/** Links a provider's account to the signed-in person. @throws {ApiError} `oidc_linked_elsewhere` */
export async function linkTo(services: Services, account: Account, user: SessionUser): Promise<void> {
  const linked = await linkedPerson(services, account);
  if (linked?.user.id === user.id) return;
  if (linked) throw linkedElsewhere();
  await services.write((context) => link(context, services, account, user), { chains: [INSTANCE_CHAIN] }).catch(explainLink);
  services.mail.kick();
}

async function linkedPerson({ read }: Services, { issuer, subject }: Account): Promise<Found | undefined> {
  const { rows } = await read.execute({
    sql: `SELECT ${FOUND_COLUMNS} FROM linked_sign_ins l JOIN users u ON u.id = l.user WHERE l.issuer = ? AND l.subject = ?`,
    args: [issuer, subject],
  });
  return rows[0] && foundOf(rows[0]);
}

async function personWithAddress({ read }: Services, { email }: Account) {
  if (email === undefined) return undefined;
  const { rows } = await read.execute({
    sql: `SELECT ${FOUND_COLUMNS}, u.email_verified_at FROM users u WHERE u.email = ?`,
    args: [email],
  });
  const row = rows[0];
  return row && { found: foundOf(row), addressProved: row.email_verified_at !== null };
}

async function makePerson(c: AppContext, account: Account, intent: Extract<Intent, { kind: "sign-in" }>): Promise<void> {
  const services = c.get("services");
  const mailbox = emailField.safeParse(account.email).data;
  if (mailbox === undefined) {
    const message =
      "The provider does not say which e-mail address is yours. Make an account with a password, then link it under Account.";
    throw new ApiError(403, "oidc_no_address", message);
  }
  const door = await findDoor(services, mailbox, intent.invite).catch(explainDoor);
  if (account.verified !== "yes" && namesSomebody(door)) throw unverified(account);
  const now = services.clock.now();
  const name = personName.safeParse(account.name).data ?? mailbox.split("@", 1)[0] ?? mailbox;
  const person: ActorRef = { id: newId("u", now), name, kind: "person" };
  const user: SessionUser = { ...person, email: mailbox, timezone: intent.timezone ?? "UTC", instanceOwner: false };
  const emailVerifiedAt = account.verified === "yes" ? new Date(now).toISOString() : undefined;
  const made = { person, email: mailbox, timezone: user.timezone, passwordHash: NO_PASSWORD, emailVerifiedAt };
  await services
    .write((context) => [...makeAccount(context, door, made), ...store(context, account, user)], { chains: chainsOf(door) })
    .catch((error: unknown) => {
      if (error instanceof WriteRefused && error.code === "email_taken") throw addressTaken(account);
      if (error instanceof WriteRefused && error.code === LINKED) throw linkedElsewhere();
      return explainAccount(error);
    });
  await startSession(c, person.id);
}

/** An invite for one address is for whoever that address belongs to. */
function namesSomebody(door: Door): boolean {
  return door.kind === "invite" && door.invite.email !== undefined;
}

const LINKED = "oidc_linked_elsewhere";

function store({ now, activity }: UnitContext, account: Account, user: SessionUser): Statement[] {
  const { provider, issuer, subject, email } = account;
  return [
    {
      sql: `INSERT INTO linked_sign_ins (id, user, provider, issuer, subject, email, created_at, last_used_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      args: [newId("lnk"), user.id, provider, issuer, subject, email ?? "", now, now],
      refuse: LINKED,
    },
    activity({
      chain: INSTANCE_CHAIN,
      actor: { id: user.id, name: user.name, kind: "person" },
      action: "sign_in.linked",
      subject: { kind: "person", id: user.id },
      data: { provider, email: email ?? null },
    }),
  ];
}

function link(context: UnitContext, { mail }: Services, account: Account, user: SessionUser): Statement[] {
  const what = `${titleOf(account.provider)} (${account.email ?? "without an address"}) can open your account from now on.`;
  return [
    mustHold("disabled", "SELECT EXISTS (SELECT 1 FROM users WHERE id = ? AND disabled_at IS NULL)", [user.id]),
    ...store(context, account, user),
    ...mail.put(noticeLetter(user.email, user.name, what)),
  ];
}

function usedNow({ clock }: Services, { issuer, subject, email }: Account): Statement {
  return {
    sql: "UPDATE linked_sign_ins SET last_used_at = ?, email = coalesce(?, email) WHERE issuer = ? AND subject = ?",
    args: [new Date(clock.now()).toISOString(), email ?? null, issuer, subject],
  };
}

export function titleOf(provider: ProviderName): string {
  return { google: "Google", microsoft: "Microsoft" }[provider];
}

function unverified({ provider, email }: Account): ApiError {
  const message = `${titleOf(provider)} has not verified that ${email ?? "the address"} is yours, so it opens nothing here. Verify it there, or sign in another way.`;
  return new ApiError(403, "oidc_unverified", message);
}

function addressTaken({ provider }: Account): ApiError {
  const message = `There is an account with this e-mail address. Sign in as you did before, then link ${titleOf(provider)} under Account.`;
  return conflict("oidc_address_taken", message);
}

function linkedElsewhere(): ApiError {
  return conflict(LINKED, "This sign-in is linked to another account here. Sign in with it, or remove it there first.");
}

function explainLink(error: unknown): never {
  if (error instanceof WriteRefused && error.code === LINKED) throw linkedElsewhere();
  throw error;
}

/** Coming back without an invite is the usual case of "no account yet". */
function explainDoor(error: unknown): never {
  if (error instanceof ApiError && error.code === "forbidden") {
    throw new ApiError(
      403,
      "oidc_no_invite",
      "No account here belongs to this sign-in, and a new one needs an invite. Open your invite link first.",
    );
  }
  throw error;
}
