/** Which OpenID providers this instance knows. A provider is there when its client id and its secret are set. */
import { readSetting } from "../../settings/read.ts";

export const PROVIDERS = ["google", "microsoft"] as const;
export type ProviderName = (typeof PROVIDERS)[number];

export type ProviderSettings = { issuer: string; clientId: string; clientSecret: string };
export type OidcSettings = Partial<Record<ProviderName, ProviderSettings>>;

export function readOidc(env: NodeJS.ProcessEnv): OidcSettings {
  const google = provider(
    readSetting("ATRIUM_OIDC_GOOGLE_ISSUER", env),
    readSetting("ATRIUM_OIDC_GOOGLE_CLIENT_ID", env),
    readSetting("ATRIUM_OIDC_GOOGLE_CLIENT_SECRET", env),
  );
  const microsoft = provider(
    readSetting("ATRIUM_OIDC_MICROSOFT_ISSUER", env),
    readSetting("ATRIUM_OIDC_MICROSOFT_CLIENT_ID", env),
    readSetting("ATRIUM_OIDC_MICROSOFT_CLIENT_SECRET", env),
  );
  return { ...(google && { google }), ...(microsoft && { microsoft }) };
}

function provider(issuer: string, clientId: string | undefined, clientSecret: string | undefined): ProviderSettings | undefined {
  return clientId === undefined || clientSecret === undefined ? undefined : { issuer, clientId, clientSecret };
}
