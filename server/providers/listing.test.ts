import { expect, test } from "vitest";
import { readListing } from "./listing.ts";

test("contexts are read where servers say them", () => {
  const data = [
    { id: "gateway", context_length: 1_000 },
    { id: "groq", context_window: 2_000 },
    { id: "vllm", max_model_len: 3_000 },
    { id: "llama.cpp", meta: { n_ctx_train: 4_000 } },
    { id: "silent" },
    { id: "odd", context_length: "many" },
  ];
  expect(readListing("openai", { data })?.map(({ contextTokens }) => contextTokens)).toEqual([
    1_000,
    2_000,
    3_000,
    4_000,
    undefined,
    undefined,
  ]);
  expect(readListing("gemini", { models: [{ name: "models/gemini-3-pro", inputTokenLimit: 5_000 }] })).toMatchObject([
    { id: "gemini-3-pro", contextTokens: 5_000 },
  ]);
});

test("models that do not chat are left out", () => {
  const ids = ["gpt-5", "text-embedding-3-large", "whisper-1", "tts-1", "dall-e-3", "gpt-4o-realtime", "omni-moderation-latest"];
  expect(readListing("openai", { data: ids.map((id) => ({ id })) })?.map(({ id }) => id)).toEqual(["gpt-5"]);
  const embeds = { name: "models/gemini-embedding-001", supportedGenerationMethods: ["embedContent"] };
  expect(readListing("gemini", { models: [embeds, { name: "models/gemini-3-pro" }] })).toHaveLength(1);
});

test("an entry nobody can read is left out, the others stay", () => {
  const data = [{ id: "" }, { id: "x".repeat(300) }, { id: "a b" }, { id: 7 }, null, "text", { id: "good" }];
  expect(readListing("openai", { data })).toMatchObject([{ id: "good" }]);
});

test.each([undefined, null, 7, "html", [], {}, { data: "x" }, { models: [] }, { data: [1, 2] }])(
  "%j is no listing of chat completions",
  (body) => {
    expect(readListing("openai", body)).toBeUndefined();
  },
);

test("an empty listing is one: a server of local models without any", () => {
  expect(readListing("openai", { data: [] })).toEqual([]);
});
