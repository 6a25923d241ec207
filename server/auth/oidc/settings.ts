/** Which OpenID providers this instance knows. A provider is there when its client id is set. */
import { z } from "zod";

export const PROVIDERS = ["google", "microsoft"] as const;
export type ProviderName = (typeof PROVIDERS)[number];

export type ProviderSettings = { issuer: string; clientId: string; clientSecret: string };
export type OidcSettings = Partial<Record<ProviderName, ProviderSettings>>;

const issuer = (standard: string) => z.url({ protocol: /^https?$/ }).default(standard);
const secret = z.string().min(1).default("");

export const oidcEnvironment = {
  ATRIUM_OIDC_GOOGLE_ISSUER: issuer("https://accounts.google.com"),
  ATRIUM_OIDC_GOOGLE_CLIENT_ID: z.string().default(""),
  ATRIUM_OIDC_GOOGLE_CLIENT_SECRET: secret,
  /** `…/common/v2.0` takes every Microsoft account, `…/<tenant id>/v2.0` those of one organisation */
  ATRIUM_OIDC_MICROSOFT_ISSUER: issuer("https://login.microsoftonline.com/common/v2.0"),
  ATRIUM_OIDC_MICROSOFT_CLIENT_ID: z.string().default(""),
  ATRIUM_OIDC_MICROSOFT_CLIENT_SECRET: secret,
};

type Values = z.infer<z.ZodObject<typeof oidcEnvironment>>;

export function readOidc(values: Values): OidcSettings {
  const google = provider(
    values.ATRIUM_OIDC_GOOGLE_ISSUER,
    values.ATRIUM_OIDC_GOOGLE_CLIENT_ID,
    values.ATRIUM_OIDC_GOOGLE_CLIENT_SECRET,
  );
  const microsoft = provider(
    values.ATRIUM_OIDC_MICROSOFT_ISSUER,
    values.ATRIUM_OIDC_MICROSOFT_CLIENT_ID,
    values.ATRIUM_OIDC_MICROSOFT_CLIENT_SECRET,
  );
  return { ...(google && { google }), ...(microsoft && { microsoft }) };
}

function provider(from: string, clientId: string, clientSecret: string): ProviderSettings | undefined {
  return clientId === "" || clientSecret === "" ? undefined : { issuer: from.replace(/\/$/, ""), clientId, clientSecret };
}
