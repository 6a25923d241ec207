/** The words of the mails about accounts. Each says what happened, what to do, and what if it was not you. */
import type { Letter } from "./letter.ts";

/** @param minutes the link works */
export function resetLetter(to: string, name: string, link: string, minutes: number, until: string): Letter {
  const text = `Hello ${name},

someone, probably you, asked for a new password for Atrium. Choose one here:

${link}

The link works once, for ${minutes} minutes. If it was not you, do nothing: your password stays as it is.`;
  return { to, subject: "A new password for Atrium", text, kind: "reset", until };
}

export function inviteLetter(
  to: string,
  { by, company, role, link, until }: { by: string; company: string; role: string; link: string; until: string },
): Letter {
  const text = `${by} invites you to "${company}" on Atrium, as ${role}.

${link}

The link works once, for this address, until ${until.slice(0, 10)}. If you do not know ${by}, do nothing.`;
  return { to, subject: `${by} invites you to ${company}`, text, kind: "invite", until };
}

/** To the new address: proves that it is read by who asked. */
export function confirmAddressLetter(to: string, name: string, link: string, minutes: number, until: string): Letter {
  const text = `Hello ${name},

use this link to make ${to} the address of your Atrium account:

${link}

It works once, for ${minutes} minutes. If you did not ask for this, do nothing.`;
  return { to, subject: "Confirm your address for Atrium", text, kind: "confirm", until };
}

/** Tells a person of a change to the ways into their account. @param what a sentence: "Your password was changed." */
export function noticeLetter(to: string, name: string, what: string): Letter {
  const text = `Hello ${name},

${what}

If it was not you, sign in, look under Account which devices are signed in, sign out the others and change your password. If you cannot sign in, ask the owner of your Atrium for a reset link.`;
  return { to, subject: "A change to your Atrium account", text, kind: "notice" };
}
