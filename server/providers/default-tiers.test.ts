import { expect, test } from "vitest";
import { chooseTiers, fillTiers, NO_TIERS } from "./default-tiers.ts";
import { readListing } from "./listing.ts";

const seen = (...ids: string[]) => ids.map((id) => ({ id }));

test("Anthropic's families are the tiers, the newest of each", () => {
  const models = seen("claude-opus-4-8", "claude-sonnet-5", "claude-haiku-4-5", "claude-opus-4-1", "claude-3-5-haiku-20241022");
  expect(chooseTiers("anthropic", models)).toEqual({
    fast: "claude-haiku-4-5",
    balanced: "claude-sonnet-5",
    strong: "claude-opus-4-8",
  });
});

test("Gemini's newest finished ones come before previews of the same version", () => {
  const names = [
    "gemini-2.5-pro",
    "gemini-3-flash",
    "gemini-3-flash-lite",
    "gemini-3-pro-preview",
    "gemini-3-pro",
    "gemini-2.5-flash",
  ];
  const models = readListing("gemini", { models: names.map((name) => ({ name: `models/${name}` })) }) ?? [];
  expect(chooseTiers("gemini", models)).toEqual({
    fast: "gemini-3-flash-lite",
    balanced: "gemini-3-flash",
    strong: "gemini-3-pro",
  });
});

test("OpenAI's dearest variant is nobody's default", () => {
  const models = seen("gpt-5.2-pro", "gpt-5.2", "gpt-5-mini", "gpt-5-nano", "gpt-4o");
  expect(chooseTiers("openai", models)).toEqual({ fast: "gpt-5-nano", balanced: "gpt-5-mini", strong: "gpt-5.2" });
});

test("open models are told apart by their size", () => {
  const models = seen("llama3.3:70b", "qwen3:8b", "qwen3:0.6b");
  expect(chooseTiers("openai", models)).toEqual({ fast: "qwen3:0.6b", balanced: "qwen3:8b", strong: "llama3.3:70b" });
});

test("one model is every tier, none is no tier", () => {
  expect(chooseTiers("openai", seen("local-fake"))).toEqual({ fast: "local-fake", balanced: "local-fake", strong: "local-fake" });
  expect(chooseTiers("anthropic", [])).toBeUndefined();
});

test("what people chose stays when the rest is filled", () => {
  const chosen = { fast: "a", balanced: "b", strong: "c" };
  expect(fillTiers({ ...NO_TIERS, balanced: ["mine"] }, chosen)).toEqual({ fast: ["a"], balanced: ["mine"], strong: ["c"] });
});
