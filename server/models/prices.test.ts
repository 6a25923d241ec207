import { describe, expect, it } from "vitest";
import { costOf, NO_TOKENS, usageDelta } from "./cost.ts";
import { knownOf } from "./prices.ts";

const NOW = new Date("2026-11-20T00:00:00Z");
const USD = 1_000_000;

describe("knownOf", () => {
  it("knows prices per million tokens and contexts, without asking the network", async () => {
    expect(await knownOf({ provider: "anthropic", model: "claude-sonnet-5" }, NOW)).toEqual({
      price: { input: 2 * USD, output: 10 * USD, cached: 0.2 * USD, cacheWrite: 2.5 * USD },
      contextTokens: 1_000_000,
    });
  });

  it("knows that long requests cost more", async () => {
    const { price } = await knownOf({ provider: "gemini", model: "gemini-2.5-pro" }, NOW);
    expect(price).toMatchObject({ input: 1.25 * USD, long: { over: 200_000, input: 2.5 * USD, output: 15 * USD } });
  });

  it("adds what the list does not say", async () => {
    expect((await knownOf({ provider: "gemini", model: "gemini-2.5-pro" }, NOW)).contextTokens).toBe(1_048_576);
  });

  it("tells providers of the same protocol apart by their address", async () => {
    const model = "gpt-5";
    expect((await knownOf({ provider: "openai", model }, NOW)).price?.input).toBe(1.25 * USD);
    expect(await knownOf({ provider: "openai", model, baseUrl: "http://127.0.0.1:11434/v1" }, NOW)).toEqual({});
  });

  it("says nothing of a model nobody knows", async () => {
    expect(await knownOf({ provider: "anthropic", model: "llama3.2" }, NOW)).toEqual({});
    expect(await knownOf({ provider: "rehearsal", model: "rehearsal" }, NOW)).toEqual({});
  });
});

describe("costOf", () => {
  const price = { input: 2 * USD, output: 10 * USD, cached: 0.2 * USD, cacheWrite: 2.5 * USD };

  it("counts every kind of token once", () => {
    const tokens = { fresh: 1_000, cached: 10_000, cacheWrite: 2_000, output: 500, thinking: 200 };
    expect(costOf(tokens, price)).toBe(2_000 + 2_000 + 5_000 + 5_000);
  });

  it("rounds up, so that small turns add up", () => {
    expect(costOf({ ...NO_TOKENS, cached: 1 }, price)).toBe(1);
  });

  it("takes the price of long requests for all of a long one", () => {
    const tiered = { ...price, long: { over: 100, input: 4 * USD, output: 20 * USD, cached: USD } };
    expect(costOf({ ...NO_TOKENS, fresh: 100 }, tiered)).toBe(200);
    expect(costOf({ ...NO_TOKENS, fresh: 100, cached: 1 }, tiered)).toBe(401);
  });
});

describe("usageDelta", () => {
  const tokens = { ...NO_TOKENS, fresh: 10, cached: 5, output: 2 };

  it("says that a cost is unknown instead of nothing", () => {
    expect(usageDelta(tokens, undefined)).toMatchObject({ cost: 0, basis: "unknown", usage: { input: 15, cached: 5 } });
  });

  it("believes what the provider reports more than a list", () => {
    const price = { input: USD, output: USD, cached: USD };
    expect(usageDelta(tokens, price, 7)).toMatchObject({ cost: 7, basis: "reported" });
    expect(usageDelta(tokens, price)).toMatchObject({ cost: 17, basis: "list" });
  });
});
