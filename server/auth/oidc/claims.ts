/** What an ID token must say before anybody is let in by it. Source: OpenID Connect Core 1.0, section 3.1.3.7. */
import { z } from "zod";

/** ms that clocks of provider and instance may differ */
const LEEWAY_MS = 60_000;

const flag = z.union([z.boolean(), z.stringbool(), z.number().transform((value) => value === 1)]);

const idToken = z.object({
  iss: z.string(),
  sub: z.string().min(1).max(255),
  aud: z.union([z.string(), z.array(z.string())]),
  azp: z.string().optional(),
  exp: z.number(),
  nonce: z.string().optional(),
  name: z.string().optional(),
  email: z.string().max(254).optional(),
  email_verified: flag.optional(),
  /** Microsoft: the tenant, and "the domain's owner has verified this address" */
  tid: z.string().optional(),
  xms_edov: flag.optional(),
});

/** A person as a provider knows them. */
export type ProviderPerson = {
  issuer: string;
  subject: string;
  name: string | undefined;
  /** in lower case */
  email: string | undefined;
  /**
   * - `yes`: the provider says the address is theirs
   * - `no`: it says that it has not checked
   * - `unsaid`: it says nothing (work accounts of Microsoft)
   */
  verified: "yes" | "no" | "unsaid";
};

export type Checked = { kind: "person"; person: ProviderPerson } | { kind: "refused"; why: string };

export type Expected = {
  /** from the discovery document; may hold `{tenantid}` */
  issuer: string;
  clientId: string;
  nonce: string;
  /** ms */
  now: number;
};

/**
 * Checks the claims of an ID token. Its signature needs no check: it came over TLS straight from the token endpoint, in
 * answer to our client secret and verifier.
 */
export function checkClaims(claims: unknown, { issuer, clientId, nonce, now }: Expected): Checked {
  const parsed = idToken.safeParse(claims);
  if (!parsed.success) return { kind: "refused", why: `claims: ${parsed.error.issues[0]?.path.join(".")}` };
  const token = parsed.data;
  const audiences = typeof token.aud === "string" ? [token.aud] : token.aud;
  if (token.iss !== issuerOf(issuer, token.tid)) return { kind: "refused", why: `iss is ${token.iss}` };
  if (!audiences.includes(clientId)) return { kind: "refused", why: "aud is another client" };
  if (audiences.length > 1 && token.azp !== clientId) return { kind: "refused", why: "azp is another client" };
  if (token.exp * 1_000 + LEEWAY_MS <= now) return { kind: "refused", why: "expired" };
  if (token.nonce !== nonce) return { kind: "refused", why: "nonce is of another sign-in" };
  const proof = token.email_verified ?? token.xms_edov;
  return {
    kind: "person",
    person: {
      issuer: token.iss,
      subject: token.sub,
      name: token.name,
      email: token.email?.trim().toLowerCase(),
      verified: proof === undefined ? "unsaid" : proof ? "yes" : "no",
    },
  };
}

const TENANT = /^[0-9a-f-]{36}$/i;

/** Microsoft's shared endpoints name their issuer with a gap for the tenant, which the token fills. */
function issuerOf(issuer: string, tenant: string | undefined): string | undefined {
  if (!issuer.includes("{tenantid}")) return issuer;
  return tenant !== undefined && TENANT.test(tenant) ? issuer.replace("{tenantid}", tenant) : undefined;
}
