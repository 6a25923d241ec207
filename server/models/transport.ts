/** How providers are called: without a word about this machine, never on to another host, and with failures in one vocabulary. */
import { explained, modelFailure } from "./failures.ts";
import type { ModelFailure } from "./model.ts";

export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** Headers by which SDKs tell about the machine they run on. */
const TELLING = /^(?:x-stainless-|x-goog-api-client$|anthropic-client-)/i;

/**
 * `fetch` as the SDKs get it. A redirect is refused: the key would go with it to a host nobody named.
 */
export const quietFetch: Fetch = async (input, init = {}) => {
  const headers = new Headers(init.headers ?? (input instanceof Request ? input.headers : undefined));
  for (const name of [...headers.keys()]) if (TELLING.test(name)) headers.delete(name);
  headers.set("user-agent", "atrium");
  return await fetch(input, { ...init, headers, redirect: "error" });
};

const NO_CONNECTION = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EPIPE",
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);
const NO_ANSWER = new Set(["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"]);

/**
 * The failure behind an error of the network or of a parser.
 * @param begun the provider had begun to answer
 */
export function transportFailure(error: unknown, begun: boolean): ModelFailure {
  const codes = codesOf(error);
  if (codes.some((code) => NO_ANSWER.has(code))) return modelFailure("timeout");
  if (isSyntax(error)) return modelFailure("malformed");
  if (begun) return modelFailure("cut");
  const reason = codes.find((code) => NO_CONNECTION.has(code));
  return reason ? explained("unreachable", reason) : modelFailure("unreachable");
}

/** The system's codes along an error's causes, the outermost first. */
function codesOf(error: unknown): string[] {
  const codes: string[] = [];
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 6; at = at.cause, depth++) {
    if ("code" in at && typeof at.code === "string") codes.push(at.code);
    if (at instanceof AggregateError) for (const one of at.errors) codes.push(...codesOf(one));
  }
  return codes;
}

function isSyntax(error: unknown): boolean {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 6; at = at.cause, depth++) {
    if (at instanceof SyntaxError) return true;
  }
  return false;
}

/** A base address without what would double a slash. */
export function baseOf(given: string | undefined, otherwise: string): string {
  return (given ?? otherwise).replace(/\/+$/, "");
}
