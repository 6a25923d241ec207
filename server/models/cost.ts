/** What a turn cost, from its tokens and a price. Pure. */
import type { Usage } from "../../party/protocol/common.ts";
import type { ModelPrice } from "./access.ts";
import type { ModelDelta } from "./model.ts";

/** Tokens of one turn, each in one place only. */
export type Tokens = {
  /** read, neither from the provider's cache nor into it */
  fresh: number;
  /** read from the provider's cache */
  cached: number;
  /** read and written to the provider's cache */
  cacheWrite: number;
  /** written, thoughts included */
  output: number;
  /** thoughts, as far as the provider tells; part of `output` */
  thinking: number;
};

export const NO_TOKENS: Tokens = { fresh: 0, cached: 0, cacheWrite: 0, output: 0, thinking: 0 };

const MILLION = 1_000_000;

/** micro-USD, rounded up to the next whole one: many small turns must not add up to nothing. */
export function costOf(tokens: Tokens, price: ModelPrice): number {
  const { fresh, cached, cacheWrite, output } = tokens;
  const rates = price.long && fresh + cached + cacheWrite > price.long.over ? price.long : price;
  const millionths =
    fresh * rates.input + cached * rates.cached + cacheWrite * (rates.cacheWrite ?? rates.input) + output * rates.output;
  return Math.ceil(millionths / MILLION);
}

/**
 * The usage of a turn as the loop takes it: `input` is all that was read, `cached` the part of it from the cache.
 * @param reported micro-USD the provider says it charges; it counts more than any list
 */
export function usageDelta(
  tokens: Tokens,
  price: ModelPrice | undefined,
  reported?: number,
): Extract<ModelDelta, { type: "usage" }> {
  const { fresh, cached, cacheWrite, output, thinking } = tokens;
  const usage: Usage = { input: fresh + cached + cacheWrite, output, cached, thinking };
  if (reported !== undefined) return { type: "usage", usage, cost: reported, basis: "reported" };
  if (!price) return { type: "usage", usage, cost: 0, basis: "unknown" };
  return { type: "usage", usage, cost: costOf(tokens, price), basis: "list" };
}
