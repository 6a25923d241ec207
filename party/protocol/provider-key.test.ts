import { expect, test } from "vitest";
import { cleanKey, recogniseKey } from "./provider-key.ts";

const KEY = "sk-ant-api03-AbC_d-9";

test.each([
  KEY,
  `  ${KEY}\n`,
  `"${KEY}"`,
  `'${KEY}',`,
  `“${KEY}”`,
  `sk-ant-api03-\r\n   AbC_d-9`,
  `ANTHROPIC_API_KEY=${KEY}`,
  `export ANTHROPIC_API_KEY="${KEY}";`,
  `Authorization: Bearer ${KEY}`,
  `x-api-key: ${KEY}`,
  `\ufeff${KEY}\u200b`,
])("what surrounds a pasted key is taken away: %j", (pasted) => {
  expect(cleanKey(pasted)).toEqual({ kind: "key", key: KEY });
});

test.each(["", "   ", '""', "\n"])("%j is no key", (pasted) => {
  expect(cleanKey(pasted)).toEqual({ kind: "none" });
});

test.each(["sk-ant-••••••••", "sk-ant-…9", "ключ", "a\u0000b", "x".repeat(5_000)])("%j is not readable as a key", (pasted) => {
  expect(cleanKey(pasted)).toEqual({ kind: "unreadable" });
});

test("a key says whom it is from", () => {
  expect(recogniseKey(KEY)).toMatchObject({ protocol: "anthropic", name: "Anthropic" });
  expect(recogniseKey("AIzaSy123")).toMatchObject({ protocol: "gemini" });
  expect(recogniseKey("sk-proj-1")).toEqual({ protocol: "openai", name: "OpenAI", baseUrl: undefined });
  expect(recogniseKey("sk-or-v1-1")).toMatchObject({ name: "OpenRouter", baseUrl: "https://openrouter.ai/api/v1" });
  expect(recogniseKey("hunter2")).toBeUndefined();
});
