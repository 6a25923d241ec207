import { useMutation } from "@tanstack/react-query";
import { accountApi } from "./account-api.ts";

/** True where the browser can make and use passkeys at all. */
export function passkeysPossible(): boolean {
  return typeof window.PublicKeyCredential === "function";
}

/** What a browser says when a person closed its dialog, or took too long: nothing went wrong. */
export function isCancelled(error: unknown): boolean {
  return error instanceof Error && (error.name === "NotAllowedError" || error.name === "AbortError");
}

/** The sentence for what the browser itself refused; undefined for errors of the api, which bring their own. */
export function passkeyWords(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.name === "InvalidStateError") return "This device has a passkey for your account already.";
  if (error.name === "SecurityError")
    return "The browser makes no passkey for this address. It needs a host name, and HTTPS unless it is localhost.";
  if (error.name === "NotSupportedError") return "This device cannot make a passkey with a PIN, finger or face.";
  return undefined;
}

/** Signs in with a passkey of this device, or of a phone nearby. */
export function usePasskeySignIn(onDone: () => Promise<void>) {
  return useMutation({
    mutationFn: async () => {
      const { startAuthentication } = await import("@simplewebauthn/browser");
      const response = await startAuthentication({ optionsJSON: await accountApi.passkeyOptions() });
      return accountApi.passkeySignIn(response);
    },
    onSuccess: onDone,
  });
}

/** Makes a passkey on this device, or on a phone nearby, and adds it under a name. */
export async function addPasskey(name: string): Promise<void> {
  const { startRegistration } = await import("@simplewebauthn/browser");
  const response = await startRegistration({ optionsJSON: await accountApi.newPasskeyOptions() });
  await accountApi.addPasskey(name, response);
}
