/**
 * A new e-mail address. Where mail is on, a link to the new address proves that it is read by whoever asked, and the old one
 * hears of it; where it is off, the password alone has to do.
 */
import { INSTANCE_CHAIN } from "../../db/audit.ts";
import { WriteRefused } from "../../db/errors.ts";
import type { Statement, UnitContext } from "../../db/write-queue.ts";
import { conflict } from "../api/errors.ts";
import type { Services } from "../api/services.ts";
import { confirmAddressLetter, noticeLetter } from "../mail/letters.ts";
import { findLink, LINK_MINUTES, LINK_USED, newLink, spendLink } from "./account-links.ts";
import { linkUsed } from "./reset.ts";
import type { SessionUser } from "./sessions.ts";

export type AddressChange = { kind: "changed" } | { kind: "confirm"; minutes: number };

/**
 * Changes an address, or mails the link that will.
 * @param next trimmed and in lower case
 * @throws {ApiError} `email_taken`
 */
export async function changeAddress(services: Services, user: SessionUser, next: string, origin: string): Promise<AddressChange> {
  const { write, mail, clock } = services;
  if (!mail.on) {
    await write((context) => take(context, user, next, null), { chains: [INSTANCE_CHAIN] }).catch(explain);
    return { kind: "changed" };
  }
  const link = newLink("email", user.id, next, clock.now());
  const url = `${origin}/confirm-email#${link.token}`;
  const letter = mail.put(confirmAddressLetter(next, user.name, url, LINK_MINUTES, link.until));
  await write(
    ({ activity }) => [
      ...link.statements,
      ...letter,
      activity({
        chain: INSTANCE_CHAIN,
        actor: { id: user.id, name: user.name, kind: "person" },
        action: "account.address_asked",
        subject: { kind: "person", id: user.id },
        data: { email: next },
      }),
    ],
    { chains: [INSTANCE_CHAIN] },
  );
  mail.kick();
  return { kind: "confirm", minutes: LINK_MINUTES };
}

/** Takes the new address over. @throws {ApiError} `link_used`, `email_taken` */
export async function confirmAddress(services: Services, token: string): Promise<{ email: string }> {
  const { read, write, mail, clock } = services;
  const found = await findLink(read, "email", token, clock.now());
  const next = found?.mailedTo;
  if (!found || next === undefined) throw linkUsed();
  const { user } = found;
  const notice = mail.put(noticeLetter(user.email, user.name, `The address of your account was changed to ${next}.`));
  await write((context) => [...spendLink("email", token, context.now), ...take(context, user, next, context.now), ...notice], {
    chains: [INSTANCE_CHAIN],
  }).catch(explain);
  mail.kick();
  return { email: next };
}

function take(context: UnitContext, user: SessionUser, next: string, verifiedAt: string | null): Statement[] {
  return [
    {
      sql: "UPDATE users SET email = ?, email_verified_at = ? WHERE id = ?",
      args: [next, verifiedAt, user.id],
      refuse: "email_taken",
    },
    // A link that was mailed to the old address must not open the account any more.
    { sql: "DELETE FROM account_links WHERE user = ? AND kind = 'reset'", args: [user.id] },
    context.activity({
      chain: INSTANCE_CHAIN,
      actor: { id: user.id, name: user.name, kind: "person" },
      action: "account.address_changed",
      subject: { kind: "person", id: user.id },
      data: { from: user.email, to: next },
    }),
  ];
}

function explain(error: unknown): never {
  if (error instanceof WriteRefused && error.code === "email_taken") {
    throw conflict("email_taken", "Another account has this e-mail address.", { field: "email" });
  }
  if (error instanceof WriteRefused && error.code === LINK_USED) throw linkUsed();
  throw error;
}
