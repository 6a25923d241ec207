/** Tests a provider: asks for its models, and where they cannot be listed, for one token of a model named by hand. */
import type { SeenModel } from "../../db/schema/providers.ts";
import { assertNever } from "../../party/protocol/assert.ts";
import type { Protocol } from "../../party/protocol/provider-key.ts";
import { addressOf } from "./address.ts";
import { readListing } from "./listing.ts";
import { found, refusal, silence, type Trouble, trouble, type Verdict } from "./verdict.ts";

/** ms for the whole of a test's request, its answer included */
const TIMEOUT_MS = 10_000;
/** bytes; the longest listings of gateways are under one mebibyte */
const LISTING_BYTES = 4 * 1024 * 1024;
/** bytes of a refusal that are read for its meaning */
const REFUSAL_BYTES = 16 * 1024;
const ANTHROPIC_VERSION = "2023-06-01";
/** entries of a page; the most the protocol allows */
const PAGE = 1_000;

export type Probed = { kind: Protocol; baseUrl: string | null; key: string | undefined; named: readonly string[] };
export type ProbeOptions = { timeoutMs?: number };

/** Never throws: every way a test can end is a verdict. The key goes to the provider's own address only. */
export async function probe(provider: Probed, { timeoutMs = TIMEOUT_MS }: ProbeOptions = {}): Promise<Verdict> {
  const listed = await ask(provider, listRequest(provider), timeoutMs);
  const named = provider.named.map((id): SeenModel => ({ id }));
  if (listed.kind === "trouble") return trouble(listed.trouble);
  if (listed.kind === "absent") return probeNamed(provider, named, timeoutMs);
  const models = readListing(provider.kind, listed.body);
  if (!models) return trouble("wrong_protocol");
  return found([...models, ...named.filter(({ id }) => models.every((model) => model.id !== id))]);
}

/** Without a list a test can only ask a model for a token. One is enough to know the address and the key. */
async function probeNamed(provider: Probed, named: SeenModel[], timeoutMs: number): Promise<Verdict> {
  const [first] = named;
  if (!first) return trouble("unlisted");
  const answer = await ask(provider, oneToken(provider, first.id), timeoutMs);
  switch (answer.kind) {
    case "answer":
      return found(named);
    case "absent":
      return trouble("wrong_protocol");
    case "trouble":
      return trouble(answer.trouble);
    default:
      return assertNever(answer);
  }
}

type Request = { path: string; body?: unknown };

function listRequest({ kind }: Probed): Request {
  switch (kind) {
    case "anthropic":
      return { path: `/v1/models?limit=${PAGE}` };
    case "gemini":
      return { path: `/v1/models?pageSize=${PAGE}` };
    case "openai":
      return { path: "/models" };
    default:
      return assertNever(kind);
  }
}

function oneToken({ kind }: Probed, model: string): Request {
  const messages = [{ role: "user", content: "Hi" }];
  switch (kind) {
    case "anthropic":
      return { path: "/v1/messages", body: { model, messages, max_tokens: 1 } };
    case "gemini": {
      const body = { contents: [{ role: "user", parts: [{ text: "Hi" }] }], generationConfig: { maxOutputTokens: 1 } };
      return { path: `/v1/models/${encodeURIComponent(model)}:generateContent`, body };
    }
    case "openai":
      return { path: "/chat/completions", body: { model, messages, max_tokens: 1 } };
    default:
      return assertNever(kind);
  }
}

/** As the clients send it with which runs call models: what passed a test works in a run. */
function headersOf({ kind, key }: Probed): Record<string, string> {
  const bearer: Record<string, string> = key ? { authorization: `Bearer ${key}` } : {};
  switch (kind) {
    case "anthropic":
      return { "anthropic-version": ANTHROPIC_VERSION, ...bearer };
    case "gemini":
      return key ? { "x-goog-api-key": key } : {};
    case "openai":
      return bearer;
    default:
      return assertNever(kind);
  }
}

/** `absent`: the address is alive and has no such thing. */
type Answer = { kind: "answer"; body: unknown } | { kind: "absent" } | { kind: "trouble"; trouble: Trouble };

async function ask(provider: Probed, { path, body }: Request, timeoutMs: number): Promise<Answer> {
  try {
    const response = await fetch(addressOf(provider) + path, {
      method: body === undefined ? "GET" : "POST",
      headers: { accept: "application/json", "content-type": "application/json", ...headersOf(provider) },
      body: body === undefined ? undefined : JSON.stringify(body),
      // Followed, a redirect would carry the key to wherever it points.
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (response.ok) return readBody(await readUpTo(response, LISTING_BYTES));
    const text = await readUpTo(response, REFUSAL_BYTES);
    if (response.status === 404 || response.status === 405 || response.status === 501) return { kind: "absent" };
    return { kind: "trouble", trouble: refusal(response.status, text) };
  } catch (error) {
    return { kind: "trouble", trouble: silence(error) };
  }
}

function readBody(text: string): Answer {
  try {
    return { kind: "answer", body: JSON.parse(text) };
  } catch {
    return { kind: "trouble", trouble: "wrong_protocol" };
  }
}

/** The beginning of a body; the rest is not fetched. */
async function readUpTo(response: Response, bytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let left = bytes;
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk.subarray(0, left), { stream: true });
    left -= chunk.byteLength;
    if (left <= 0) break;
  }
  return text;
}
