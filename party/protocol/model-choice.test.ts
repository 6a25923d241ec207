import { expect, test } from "vitest";
import { modelChoice, readModelChoice, TIERS } from "./model-choice.ts";

test("a choice is a tier, the rehearsal, or one model of one provider", () => {
  for (const tier of TIERS) expect(readModelChoice(tier)).toEqual({ kind: "tier", tier });
  expect(readModelChoice("rehearsal")).toEqual({ kind: "rehearsal" });
  expect(readModelChoice(modelChoice("prv_1", "meta-llama/llama-4"))).toEqual({
    kind: "model",
    provider: "prv_1",
    model: "meta-llama/llama-4",
  });
});

test.each(["", "huge", "prv_1", "prv_1/", "/x", "openai/gpt", "constructor"])("%j is unknown", (text) => {
  expect(readModelChoice(text)).toEqual({ kind: "unknown" });
});
