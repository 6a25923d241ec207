/** What a provider's refusal means, from its status and its words. Pure; the same for every provider, whose words differ. */
import { explained, type FailureCode, modelFailure } from "./failures.ts";
import type { ModelFailure } from "./model.ts";

export type Refused = {
  /** of the HTTP answer; undefined when the error came inside a stream */
  status: number | undefined;
  /** the provider's names of the error, such as `overloaded_error` or `insufficient_quota` */
  types: readonly string[];
  message: string;
  retryAfterMs?: number;
  /** kept out of what people read */
  key: string | undefined;
};

/** Words by which providers say more than their status does, the first that matches counts. */
const WORDS: readonly [FailureCode, RegExp][] = [
  ["revoked", /(?:revoked|expired|leaked|deactivated|disabled|suspended)/i],
  ["quota", /insufficient_quota|billing|credit|payment|balance|spend(?:ing)? limit/i],
  [
    "context_too_long",
    /context[ _](?:length|window|size)|prompt is too long|too many (?:input )?tokens|maximum (?:number of )?(?:input )?tokens|token count .*exceed|exceeds? .*context/i,
  ],
  ["refused", /content[ _](?:policy|filter|management)|safety|usage polic/i],
  ["auth", /api[ _]?key[ _]?(?:not valid|invalid|missing)|invalid[ _](?:x-)?api[ _-]?key|API_KEY_INVALID|incorrect api key/i],
  ["unknown_model", /model .*(?:not found|does not exist|not exist)|no such model|unknown model|model_not_found/i],
];

/** Statuses at which the words of a kind are looked for: "expired" in a 500 says nothing of the key. */
const HEARD_AT: Readonly<Record<string, readonly number[]>> = {
  revoked: [400, 401, 403],
  quota: [400, 402, 403, 429],
  context_too_long: [400, 413, 422],
  refused: [400, 403, 422],
  auth: [400, 401, 403],
  unknown_model: [400, 403, 404, 422],
};

/** Errors inside a stream come without a status; their names stand for one. */
const STATUS_OF_TYPE: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  rate_limit_exceeded: 429,
  insufficient_quota: 429,
  api_error: 500,
  server_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
  INVALID_ARGUMENT: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  RESOURCE_EXHAUSTED: 429,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
};

/** The failure behind a refusal. Nothing of the key is in it. */
export function refusalFailure(refused: Refused): ModelFailure {
  const { types, message, retryAfterMs, key } = refused;
  const named = types.map((type) => STATUS_OF_TYPE[type]).find((status) => status !== undefined);
  const status = refused.status ?? named ?? 500;
  const code = codeOf(status, `${types.join(" ")} ${message}`);
  // A provider quotes the key it refused, whole or in part; nothing else it says of a key is worth the risk.
  const failure = code === "auth" || code === "revoked" ? modelFailure(code) : explained(code, withoutKeys(message, key));
  return retryAfterMs === undefined || !failure.retryable ? failure : { ...failure, retryAfterMs };
}

function codeOf(status: number, words: string): FailureCode {
  for (const [code, pattern] of WORDS) if (HEARD_AT[code]?.includes(status) && pattern.test(words)) return code;
  switch (status) {
    case 401:
    case 403:
      return "auth";
    case 402:
      return "quota";
    case 404:
      return "unknown_model";
    case 429:
      return "rate_limit";
    case 408:
    case 504:
    case 524:
      return "timeout";
    case 503:
    case 529:
      return "overloaded";
    default:
      return status >= 500 ? "server_error" : "invalid_request";
  }
}

/** Anything that looks like a key of one of the providers, also cut or with dots in its middle. */
const LIKE_A_KEY = /\b(?:sk|pk|rk|gsk|xai|key|AIza|hf)[-_]?[A-Za-z0-9][\w.*…-]{7,}|\bBearer\s+\S+/g;

/** A provider's words without the key that was used, and without what looks like one. */
export function withoutKeys(words: string, key: string | undefined): string {
  const known = key && key.length > 3 ? words.replaceAll(key, "…") : words;
  return known.replace(LIKE_A_KEY, "…");
}

/** ms of a `retry-after` or `retry-after-ms` header; undefined where there is none, or where it says nothing. */
export function retryAfterOf(header: (name: string) => string | null | undefined, nowMs: number): number | undefined {
  const ms = Number(header("retry-after-ms") ?? Number.NaN);
  if (Number.isFinite(ms) && ms >= 0) return Math.ceil(ms);
  const given = header("retry-after")?.trim();
  if (!given) return undefined;
  const seconds = Number(given);
  const wait = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(given) - nowMs;
  return Number.isFinite(wait) && wait >= 0 ? Math.ceil(wait) : undefined;
}
