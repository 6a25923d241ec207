/** Why a sign-in at a provider did not work out, as the api names it in the address it sends people back to. */
import { PROVIDER_NAMES, type Provider } from "./account-api.ts";

export interface Problem {
  title: string;
  words: string;
}

/** One sentence and what to do. @param provider as named in the address; anything may stand there */
export function problemWords(code: string, provider: string | undefined): Problem {
  const name = isProvider(provider) ? PROVIDER_NAMES[provider] : "The provider";
  switch (code) {
    case "oidc_denied":
      return { title: `${name} did not sign you in`, words: "The sign-in was not finished there. Nothing was changed." };
    case "oidc_stale":
      return {
        title: "That sign-in is over",
        words: "It was used already, took longer than five minutes, or was begun in another browser. Begin again.",
      };
    case "oidc_unverified":
      return {
        title: "That address opens nothing here",
        words: `${name} has not verified that it is yours. Verify it there, or sign in another way.`,
      };
    case "oidc_address_taken":
      return {
        title: "There is an account with this address",
        words: `Sign in as you did before, then link ${name} under Account. An address alone opens no account.`,
      };
    case "oidc_no_invite":
      return {
        title: "There is no account for this sign-in",
        words: "Open your invite link first and choose the same button there, or sign in another way and link it under Account.",
      };
    case "oidc_no_address":
      return {
        title: "No address came along",
        words: `${name} does not say which e-mail address is yours. Make an account with a password, then link it under Account.`,
      };
    case "oidc_linked_elsewhere":
      return { title: "It belongs to another account", words: "Sign in with it, or remove it under that account first." };
    case "invite_for_another":
      return {
        title: "The invite is for another address",
        words: "Choose the account with that address, or ask for an invite of your own.",
      };
    case "disabled":
      return {
        title: "This account was switched off",
        words: "The owner of this Atrium did that. Ask them to switch it on again.",
      };
    case "storage_full":
      return {
        title: "The disk of this Atrium is full",
        words: "Nothing new can be stored. Tell whoever runs it, and try again later.",
      };
    default:
      return {
        title: `The sign-in with ${name} failed`,
        words: "It could not be asked, or its answer did not fit. Try again, or sign in another way.",
      };
  }
}

function isProvider(name: string | undefined): name is Provider {
  return name !== undefined && name in PROVIDER_NAMES;
}
