import { expect, test } from "vitest";
import type { Models, OfferedModel } from "./provider-api.ts";
import { choiceMeaning, contextWords, priceWords } from "./words.ts";

const offer: OfferedModel = {
  choice: "prv_1/sonnet",
  provider: "prv_1",
  providerName: "House",
  kind: "anthropic",
  model: "sonnet",
  label: "Sonnet",
  contextTokens: 200_000,
  price: { input: 3_000_000, output: 15_000_000, cached: 300_000 },
};
const models: Models = {
  models: [offer],
  tiers: { fast: [], balanced: ["prv_1/sonnet"], strong: ["prv_1/gone"] },
  version: 1,
  defaultModel: "balanced",
  ready: true,
};

test("a price nobody knows is said to be unknown, never shown as nothing", () => {
  expect(priceWords(null)).toBe("price unknown");
  expect(priceWords(offer.price)).toBe("$3.00 in, $15.00 out per million tokens");
  expect(priceWords({ input: 37_500, output: 150_000, cached: 0 })).toBe("$0.037 in, $0.15 out per million tokens");
});

test("contexts are told in thousands and millions", () => {
  expect([null, 8_192, 200_000, 1_048_576, 1_500_000].map(contextWords)).toEqual([
    "context unknown",
    "8k tokens",
    "200k tokens",
    "1M tokens",
    "1.5M tokens",
  ]);
});

test("a choice says what it means now", () => {
  expect(choiceMeaning("balanced", models)).toMatch(/^Now Sonnet: 200k tokens, /);
  // An empty tier asks its neighbours, as a run does.
  expect(choiceMeaning("fast", models)).toMatch(/^Now Sonnet/);
  expect(choiceMeaning("strong", models)).toContain("not in the provider's last list");
  expect(choiceMeaning("prv_1/sonnet", models)).toMatch(/^200k/);
  expect(choiceMeaning("prv_2/x", models)).toContain("did not list this model");
  expect(choiceMeaning("balanced", { ...models, models: [], tiers: { fast: [], balanced: [], strong: [] } })).toContain(
    "rehearses",
  );
});
