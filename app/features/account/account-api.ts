import type { AuthenticationResponseJSON, RegistrationResponseJSON } from "@simplewebauthn/browser";
import { queryOptions } from "@tanstack/react-query";
import { body, client } from "../../lib/api.ts";

const { me, auth } = client;

/** We ask for no extensions, so what a browser says about them is of no use. */
function withoutExtensions<T extends object>(response: T): T & { clientExtensionResults: Record<string, never> } {
  return { ...response, clientExtensionResults: {} };
}

/** What the screens about one's own account ask of the API. */
export const accountApi = {
  options: () => body(auth.options.$get()),
  askReset: (email: string) => body(auth.reset.request.$post({ json: { email } })),
  previewReset: (token: string) => body(auth.reset.preview.$post({ json: { token } })),
  reset: (token: string, password: string) => body(auth.reset.$post({ json: { token, password } })),
  confirmEmail: (token: string) => body(auth["confirm-email"].$post({ json: { token } })),

  passkeyOptions: () => body(auth.passkey.options.$post()),
  passkeySignIn: (response: AuthenticationResponseJSON) =>
    body(auth.passkey.$post({ json: { response: withoutExtensions(response) } })),
  startProvider: (provider: Provider, json: { invite?: string; timezone?: string; next?: string }) =>
    body(auth.oidc[":provider"].start.$post({ param: { provider }, json })),

  update: (json: { name?: string; timezone?: string }) => body(me.$patch({ json })),
  changePassword: (json: { password: string; currentPassword?: string; keepOthers: boolean }) => body(me.$patch({ json })),
  changeEmail: (json: { email: string; currentPassword?: string }) => body(me.email.$post({ json })),

  waysIn: () => body(me["ways-in"].$get()),
  newPasskeyOptions: () => body(me.passkeys.options.$post()),
  addPasskey: (name: string, response: RegistrationResponseJSON) =>
    body(me.passkeys.$post({ json: { name, response: withoutExtensions(response) } })),
  renamePasskey: (passkeyId: string, name: string) => me.passkeys[":passkeyId"].$patch({ param: { passkeyId }, json: { name } }),
  removePasskey: (passkeyId: string) => me.passkeys[":passkeyId"].$delete({ param: { passkeyId } }),
  startLink: (provider: Provider) => body(me.linked[":provider"].start.$post({ param: { provider } })),
  unlink: (linkId: string) => me.linked[":linkId"].$delete({ param: { linkId } }),

  devices: () => body(me.sessions.$get()),
  signOutDevice: (deviceId: string) => me.sessions[":deviceId"].$delete({ param: { deviceId } }),
  signOutOthers: () => body(me.sessions.$delete()),

  keys: () => body(me["api-keys"].$get()),
  createKey: (name: string) => body(me["api-keys"].$post({ json: { name } })),
  revokeKey: (keyId: string) => me["api-keys"][":keyId"].$delete({ param: { keyId } }),
};

type Answer<K extends keyof typeof accountApi> = Awaited<ReturnType<(typeof accountApi)[K]>>;
export type Provider = "google" | "microsoft";
export type WaysIn = Answer<"waysIn">;
export type Passkey = WaysIn["passkeys"][number];
export type Linked = WaysIn["linked"][number];
export type Device = Answer<"devices">["items"][number];
export type ApiKey = Answer<"keys">["items"][number];

export const optionsQuery = queryOptions({ queryKey: ["auth-options"], queryFn: accountApi.options, staleTime: 300_000 });
export const waysInQuery = queryOptions({ queryKey: ["ways-in"], queryFn: accountApi.waysIn });
export const devicesQuery = queryOptions({ queryKey: ["devices"], queryFn: async () => (await accountApi.devices()).items });
export const keysQuery = queryOptions({ queryKey: ["api-keys"], queryFn: async () => (await accountApi.keys()).items });

export const PROVIDER_NAMES: Record<Provider, string> = { google: "Google", microsoft: "Microsoft" };

/** The time zone of this browser. */
export function zoneHere(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
