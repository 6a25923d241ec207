/**
 * What a test of a provider found, in a sentence for people. What a provider answered is read for its meaning and never
 * repeated: an answer may hold the key, and an address may be anything that listens in the network.
 */
import type { PROVIDER_STATES, SeenModel } from "../../db/schema/providers.ts";

export type ProviderStatus = (typeof PROVIDER_STATES)[number];
export type Trouble = Exclude<ProviderStatus, "ok" | "untested">;

export type Verdict =
  | { status: "ok"; message: string; models: SeenModel[] }
  /** `models` is absent: those seen before stay */
  | { status: Trouble; message: string };

const SENTENCES: Readonly<Record<Trouble, string>> = {
  wrong_key: "The provider does not know this key. Copy it again from the provider's page, whole and without changes.",
  revoked:
    "The provider refuses this key: it was revoked, has expired, or may not be used here. Make a new one there and paste it.",
  no_credit: "The key is right, but its account has no credit left. Top it up at the provider, then test again.",
  rate_limited: "The provider limits how often this key may ask just now. Wait a minute, then test again.",
  unreachable: "Nothing answers at this address. Check it, and that the server there runs.",
  tls: "The encrypted connection to this address failed: its certificate is not valid for it, or it does not speak HTTPS.",
  timeout: "The address did not answer within 10 seconds. Check it, and that the server there is not busy.",
  wrong_protocol: "Something answers at this address, but not in this protocol. Check the address and the kind of provider.",
  redirected: "The address sends on to another one. The key was not sent there; enter the address it leads to.",
  unlisted: "This address cannot list its models. Name at least one of them, then test again.",
  failing: "The provider has a problem of its own just now. Try again in a few minutes.",
  sealed: "The stored key cannot be opened on this machine. Paste it again.",
};

export function trouble(status: Trouble): Verdict {
  return { status, message: SENTENCES[status] };
}

/** @param models what it can be asked with */
export function found(models: SeenModel[]): Verdict {
  const message = models.length === 1 ? "Works: 1 model." : `Works: ${models.length} models.`;
  return { status: "ok", message, models };
}

const CREDIT = /insufficient_quota|credit balance|billing|payment|out of credits?|no credits?/i;
const REVOKED = /revoked|disabled|deactivated|expired|suspended|leaked|terminated/i;
/** Gemini says a wrong key with 400 */
const UNKNOWN_KEY = /API_KEY_INVALID|api key not valid|invalid_api_key|incorrect api key/i;

/** What a refusal means. @param text the beginning of the answer */
export function refusal(status: number, text: string): Trouble {
  if (status >= 300 && status < 400) return "redirected";
  if (status === 402 || CREDIT.test(text)) return "no_credit";
  if (status === 401 || status === 403 || status === 400) {
    if (REVOKED.test(text)) return "revoked";
    if (status === 401 || UNKNOWN_KEY.test(text)) return "wrong_key";
    return status === 403 ? "revoked" : "wrong_protocol";
  }
  if (status === 429) return "rate_limited";
  if (status >= 500) return "failing";
  return "wrong_protocol";
}

const TLS_CODE = /^(?:CERT_|ERR_TLS|ERR_SSL|EPROTO|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH)/;
const TIMEOUT_CODE = /^(?:UND_ERR_(?:CONNECT|HEADERS|BODY)_TIMEOUT|ETIMEDOUT)$/;

/** What a request that got no answer means. */
export function silence(error: unknown): Trouble {
  if (error instanceof Error && error.name === "TimeoutError") return "timeout";
  const code = codeOf(error);
  if (TLS_CODE.test(code)) return "tls";
  if (TIMEOUT_CODE.test(code)) return "timeout";
  return code.startsWith("HPE_") || speaksNoHttp(error) ? "wrong_protocol" : "unreachable";
}

/** The parser of fetch names itself, and gives no code when not even the first line of the answer is HTTP. */
function speaksNoHttp(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof Error && error.cause.name === "HTTPParserError";
}

/** The system's code, which fetch hides in the cause of its error; of an AggregateError the first one. */
function codeOf(error: unknown): string {
  for (let at = error; typeof at === "object" && at !== null; at = Reflect.get(at, "cause")) {
    const code = Reflect.get(at, "code");
    if (typeof code === "string") return code;
  }
  return "";
}
