/** Where a provider's endpoints are: its discovery document, read at the first sign-in and kept for an hour. */
import { z } from "zod";

/** ms a provider may take to answer */
export const PROVIDER_MS = 10_000;
const KEEP_MS = 3_600_000;

const document = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url({ protocol: /^https?$/ }),
  token_endpoint: z.url({ protocol: /^https?$/ }),
});

export type Endpoints = { issuer: string; authorization: string; token: string };

/** The provider cannot be used as it is. The message is for the log. */
export class ProviderTrouble extends Error {
  override name = "ProviderTrouble";
}

export class Discovery {
  readonly #now: () => number;
  readonly #known = new Map<string, { endpoints: Endpoints; until: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @throws {ProviderTrouble} */
  async endpointsOf(issuer: string): Promise<Endpoints> {
    const known = this.#known.get(issuer);
    if (known && known.until > this.#now()) return known.endpoints;
    const endpoints = await read(issuer);
    this.#known.set(issuer, { endpoints, until: this.#now() + KEEP_MS });
    return endpoints;
  }
}

async function read(issuer: string): Promise<Endpoints> {
  const url = `${issuer}/.well-known/openid-configuration`;
  let body: unknown;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PROVIDER_MS), redirect: "error" });
    body = await response.json();
  } catch (error) {
    throw new ProviderTrouble(`${url} could not be read`, { cause: error });
  }
  const parsed = document.safeParse(body);
  if (!parsed.success) throw new ProviderTrouble(`${url} is no discovery document`);
  const { issuer: named, authorization_endpoint: authorization, token_endpoint: token } = parsed.data;
  // A document that speaks for somebody else would make tokens of somebody else good here.
  const generic = /\/(common|organizations|consumers)\/v2\.0$/.test(issuer) && named.includes("{tenantid}");
  if (named !== issuer && !generic) throw new ProviderTrouble(`${url} names the issuer ${named}`);
  for (const endpoint of [authorization, token]) {
    if (!isSafe(endpoint)) throw new ProviderTrouble(`${url} names ${endpoint}, which is not https`);
  }
  return { issuer: named, authorization, token };
}

function isSafe(endpoint: string): boolean {
  const { protocol, hostname } = new URL(endpoint);
  return protocol === "https:" || hostname === "localhost" || hostname === "127.0.0.1" || hostname === "[::1]";
}
