/** A new password for somebody who lost theirs: by mail, or by a link that an owner or the server's operator hands over. */
import { INSTANCE_CHAIN } from "../../db/audit.ts";
import { WriteRefused } from "../../db/errors.ts";
import type { ActorRef } from "../../party/protocol/common.ts";
import { ApiError } from "../api/errors.ts";
import type { Services } from "../api/services.ts";
import { noticeLetter, resetLetter } from "../mail/letters.ts";
import { type FoundLink, findLink, LINK_MINUTES, LINK_USED, newLink, spendLink } from "./account-links.ts";
import { signedInOf, signOutEverywhere } from "./end-sessions.ts";
import { accountKey } from "./lockout.ts";
import { NO_PASSWORD } from "./passwords.ts";
import { FOUND_COLUMNS, foundOf } from "./sign-in.ts";

/** Whoever runs commands on the machine itself. */
export const OPERATOR: ActorRef = { id: "operator", name: "The server's operator", kind: "system" };

/** Where the link leads. The token stands behind the #, which browsers send to nobody: no log and no proxy sees it. */
export function resetUrl(origin: string, token: string): string {
  return `${origin}/reset#${token}`;
}

/** Mails a link to an address, if there is an account. Whether there is shows neither in what it answers nor in the time. */
export async function mailResetLink(services: Services, mailbox: string, origin: string): Promise<void> {
  const { read, write, mail, clock } = services;
  const { rows } = await read.execute({ sql: `SELECT ${FOUND_COLUMNS} FROM users u WHERE u.email = ?`, args: [mailbox] });
  const found = rows[0] && foundOf(rows[0]);
  if (!found || found.disabled) return;
  const { user } = found;
  const link = newLink("reset", user.id, user.email, clock.now());
  const letter = resetLetter(user.email, user.name, resetUrl(origin, link.token), LINK_MINUTES, link.until);
  await write(
    ({ activity }) => [
      ...link.statements,
      ...mail.put(letter),
      activity({
        chain: INSTANCE_CHAIN,
        actor: { id: user.id, name: user.name, kind: "person" },
        action: "account.reset_asked",
        subject: { kind: "person", id: user.id },
      }),
    ],
    { chains: [INSTANCE_CHAIN] },
  );
  mail.kick();
}

/** What `resetPassword` needs: the services of a running api, or those that a command opened for itself. */
export type ResetServices = Pick<Services, "read" | "write" | "clock">;

export type ResetOutcome =
  | { kind: "link"; token: string; until: string; person: { id: string; name: string; email: string } }
  | { kind: "nobody" };

/**
 * Takes a person's password away and gives out a link that sets a new one. The person is signed out everywhere at once.
 * @param email as people type it
 * @param by who did it, for the audit
 */
export async function resetPassword(services: ResetServices, email: string, by: ActorRef = OPERATOR): Promise<ResetOutcome> {
  const { read, write, clock } = services;
  const { rows } = await read.execute({
    sql: `SELECT ${FOUND_COLUMNS} FROM users u WHERE u.email = ?`,
    args: [email.trim().toLowerCase()],
  });
  const found = rows[0] && foundOf(rows[0]);
  if (!found) return { kind: "nobody" };
  const { id, name, email: address } = found.user;
  const link = newLink("reset", id, undefined, clock.now());
  const signedIn = await signedInOf(read, id, "browsers only");
  await write(
    (context) => [
      ...link.statements,
      { sql: "UPDATE users SET password_hash = ? WHERE id = ?", args: [NO_PASSWORD, id] },
      ...signOutEverywhere(context, signedIn),
      context.activity({
        chain: INSTANCE_CHAIN,
        actor: by,
        action: "account.reset_link_made",
        subject: { kind: "person", id },
        data: { sessions: signedIn.proofs.length },
      }),
    ],
    { chains: [INSTANCE_CHAIN] },
  );
  return { kind: "link", token: link.token, until: link.until, person: { id, name, email: address } };
}

/** The account that a reset link is for. @throws {ApiError} `link_used` */
export async function resetTarget({ read, clock }: Services, token: string): Promise<FoundLink> {
  const found = await findLink(read, "reset", token, clock.now());
  if (!found) throw linkUsed();
  return found;
}

/**
 * Sets a new password by a link, which is used up. Ends every session, opens a locked account, and tells the person.
 * @throws {ApiError} `link_used`
 */
export async function setPasswordByLink(services: Services, token: string, password: string): Promise<FoundLink> {
  const { read, write, passwords, mail } = services;
  const found = await resetTarget(services, token);
  const { user, mailedTo } = found;
  const hash = await passwords.hash(password);
  const signedIn = await signedInOf(read, user.id, "browsers only");
  const verified = mailedTo === user.email;
  const notice = mail.put(noticeLetter(user.email, user.name, "Your password was set anew with a link."));
  await write(
    (context) => [
      ...spendLink("reset", token, context.now),
      {
        sql: `UPDATE users SET password_hash = ?, email_verified_at = CASE WHEN ? THEN ? ELSE email_verified_at END WHERE id = ?`,
        args: [hash, verified ? 1 : 0, context.now, user.id],
      },
      ...signOutEverywhere(context, signedIn),
      { sql: "DELETE FROM sign_in_failures WHERE key = ?", args: [accountKey(user.email)] },
      ...notice,
      context.activity({
        chain: INSTANCE_CHAIN,
        actor: { id: user.id, name: user.name, kind: "person" },
        action: "account.password_reset",
        subject: { kind: "person", id: user.id },
        data: { sessions: signedIn.proofs.length },
      }),
    ],
    { chains: [INSTANCE_CHAIN] },
  ).catch((error: unknown) => {
    throw error instanceof WriteRefused && error.code === LINK_USED ? linkUsed() : error;
  });
  mail.kick();
  return found;
}

export function linkUsed(): ApiError {
  return new ApiError(410, LINK_USED, "This link was used, replaced by a newer one, or is too old. Ask for a new one.");
}
