/**
 * The way to a provider and back: authorization code with PKCE. `state` is good once, for five minutes, in the browser that
 * began; nonce and verifier never leave this process.
 */
import { z } from "zod";
import type { AppContext } from "../../api/context.ts";
import { ApiError, notFound } from "../../api/errors.ts";
import { originOf } from "../../api/origin.ts";
import type { Intent } from "../challenges.ts";
import { browserSecret, knownBrowser } from "../cookie.ts";
import { newToken } from "../tokens.ts";
import { checkClaims, type ProviderPerson } from "./claims.ts";
import { Discovery, PROVIDER_MS, ProviderTrouble } from "./discovery.ts";
import type { ProviderName, ProviderSettings } from "./settings.ts";

const SCOPES = ["openid", "email", "profile"];

const discoveries = new WeakMap<object, Discovery>();

function settingsOf(c: AppContext, provider: ProviderName): ProviderSettings {
  const found = c.get("services").settings.oidc[provider];
  if (!found) throw notFound();
  return found;
}

function discoveryOf(c: AppContext): Discovery {
  const services = c.get("services");
  const known = discoveries.get(services) ?? new Discovery(() => services.clock.now());
  discoveries.set(services, known);
  return known;
}

async function clientOf(c: AppContext, provider: ProviderName) {
  const { clientId, clientSecret } = settingsOf(c, provider);
  const arctic = await import("arctic");
  const back = `${originOf(c)}/api/auth/oidc/${provider}/callback`;
  return { arctic, client: new arctic.OAuth2Client(clientId, clientSecret, back) };
}

/** The provider's page that a person goes to. @throws {ApiError} `oidc_failed` when the provider cannot be reached */
export async function beginAt(c: AppContext, provider: ProviderName, intent: Intent): Promise<string> {
  const { issuer } = settingsOf(c, provider);
  const endpoints = await discoveryOf(c)
    .endpointsOf(issuer)
    .catch((error: unknown) => providerFailed(c, error));
  const { arctic, client } = await clientOf(c, provider);
  const [nonce, verifier] = [newToken(), newToken()];
  const purpose = { kind: "oidc" as const, provider, nonce, verifier, intent };
  const state = c.get("services").challenges.issue(purpose, browserSecret(c), c.get("address"));
  const url = client.createAuthorizationURLWithPKCE(
    endpoints.authorization,
    state,
    arctic.CodeChallengeMethod.S256,
    verifier,
    SCOPES,
  );
  url.searchParams.set("nonce", nonce);
  // Several accounts in one browser are usual; without this the provider takes whichever was used last.
  url.searchParams.set("prompt", "select_account");
  return url.href;
}

export const callbackQuery = z.object({
  state: z.string().max(200).default(""),
  code: z.string().max(4_000).optional(),
  error: z.string().max(200).optional(),
  iss: z.string().max(500).optional(),
});

/** What a person had in mind when they left. Uses the `state` up. @throws {ApiError} `oidc_stale` */
export function intentOf(c: AppContext, provider: ProviderName, state: string) {
  const begun = c.get("services").challenges.take("oidc", state, knownBrowser(c));
  if (begun?.provider !== provider) {
    throw new ApiError(409, "oidc_stale", "This sign-in was used, took too long, or was begun in another browser. Begin again.");
  }
  return begun;
}

type Begun = ReturnType<typeof intentOf>;

/** Who came back. @throws {ApiError} `oidc_denied`, `oidc_failed` */
export async function personOf(
  c: AppContext,
  provider: ProviderName,
  begun: Begun,
  { code, error, iss }: z.infer<typeof callbackQuery>,
): Promise<ProviderPerson> {
  if (error !== undefined || code === undefined) {
    throw new ApiError(403, "oidc_denied", "The sign-in was not finished there. Nothing was changed.");
  }
  const { issuer, clientId } = settingsOf(c, provider);
  try {
    const endpoints = await discoveryOf(c).endpointsOf(issuer);
    // RFC 9207: an answer that another provider sent here.
    if (iss !== undefined && iss !== endpoints.issuer && !endpoints.issuer.includes("{tenantid}")) {
      throw new ProviderTrouble(`the answer is by ${iss}`);
    }
    const { arctic, client } = await clientOf(c, provider);
    const tokens = await within(PROVIDER_MS, client.validateAuthorizationCode(endpoints.token, code, begun.verifier));
    const now = c.get("services").clock.now();
    const expected = { issuer: endpoints.issuer, clientId, nonce: begun.nonce, now };
    const checked = checkClaims(arctic.decodeIdToken(tokens.idToken()), expected);
    if (checked.kind === "refused") throw new ProviderTrouble(`the ID token does not fit: ${checked.why}`);
    return checked.person;
  } catch (failure) {
    return providerFailed(c, failure);
  }
}

function providerFailed(c: AppContext, error: unknown): never {
  c.get("services").log.warn({ err: error }, "a sign-in at a provider failed");
  throw new ApiError(
    502,
    "oidc_failed",
    "The provider could not be asked, or its answer did not fit. Try again, or sign in another way.",
  );
}

/** The client's own fetch knows no end. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ProviderTrouble(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
