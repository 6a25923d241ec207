/**
 * What models cost and how much they can read, from a list that comes with the program: nothing is asked of the network.
 * What the list does not know stays unknown, and is shown as unknown.
 */
import type { ModelPrice as ListedPrice, PriceCalculationResult } from "@pydantic/genai-prices";
import type { ModelPrice, ProviderKind } from "./access.ts";

export type Asked = { provider: ProviderKind; model: string; baseUrl?: string };
export type Known = { price?: ModelPrice; contextTokens?: number };

/** Our own additions, which count more than the list. The first whose pattern matches the whole of a model's id is taken. */
const OVERRIDES: readonly ({ provider: ProviderKind; model: RegExp } & Known)[] = [
  // As published for the models of this family; the list has their prices only.
  { provider: "gemini", model: /^gemini-(?:2\.5|3(?:\.\d)?)-(?:pro|flash|flash-lite)(?:-.*)?$/, contextTokens: 1_048_576 },
];

/** Providers of the list by protocol. Others that speak the third protocol are told apart by their address. */
const LISTED: Readonly<Partial<Record<ProviderKind, string>>> = { anthropic: "anthropic", gemini: "google" };
const OPENAI_HOME = "https://api.openai.com/v1";

/** micro-USD in a USD */
const MICRO = 1_000_000;
/** Prices of long requests begin where the list says; a request this long is in the last tier of all. */
const ANY_TOKENS = 1;

/**
 * What is known of a model. The list is loaded at the first call and stays.
 * @param now prices change on days the list knows
 */
export async function knownOf(asked: Asked, now = new Date()): Promise<Known> {
  if (asked.provider === "rehearsal") return {};
  const listed = await listedOf(asked, now);
  const own = OVERRIDES.find(({ provider, model }) => provider === asked.provider && model.test(asked.model));
  const price = own?.price ?? listed.price;
  const contextTokens = own?.contextTokens ?? listed.contextTokens;
  return { ...(price && { price }), ...(contextTokens !== undefined && { contextTokens }) };
}

async function listedOf({ provider, model, baseUrl }: Asked, now: Date): Promise<Known> {
  const { calcPrice, findProvider } = await import("@pydantic/genai-prices");
  const listed = LISTED[provider] ?? findProvider({ providerApiUrl: baseUrl ?? OPENAI_HOME })?.id;
  if (listed === undefined) return {};
  const usage = { input_tokens: ANY_TOKENS, output_tokens: ANY_TOKENS };
  return readListed(calcPrice(usage, model, { providerId: listed, timestamp: now }));
}

function readListed(found: PriceCalculationResult): Known {
  if (!found) return {};
  const { model, model_price: listed } = found;
  const price = priceOf(listed);
  const contextTokens = model.context_window;
  return { ...(price && { price }), ...(contextTokens !== undefined && { contextTokens }) };
}

function priceOf(listed: ListedPrice): ModelPrice | undefined {
  const input = rateOf(listed.input_mtok);
  const output = rateOf(listed.output_mtok);
  if (!input || !output) return undefined;
  const cached = rateOf(listed.cache_read_mtok) ?? input;
  const cacheWrite = rateOf(listed.cache_write_mtok);
  const over = input.over ?? output.over;
  const base = {
    input: input.base,
    output: output.base,
    cached: cached.base,
    ...(cacheWrite && { cacheWrite: cacheWrite.base }),
  };
  if (over === undefined) return base;
  const long = {
    input: input.long,
    output: output.long,
    cached: cached.long,
    ...(cacheWrite && { cacheWrite: cacheWrite.long }),
  };
  return { ...base, long: { over, ...long } };
}

type Rate = { base: number; long: number; over: number | undefined };

/** USD per million tokens as micro-USD per million. Of several tiers the last counts: an estimate must not be too low. */
function rateOf(listed: ListedPrice[string]): Rate | undefined {
  if (listed === undefined) return undefined;
  const micro = (usd: number): number => Math.round(usd * MICRO);
  if (typeof listed === "number") return { base: micro(listed), long: micro(listed), over: undefined };
  const last = listed.tiers.at(-1);
  return { base: micro(listed.base), long: micro(last?.price ?? listed.base), over: listed.tiers[0]?.start };
}
