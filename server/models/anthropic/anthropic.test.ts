import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startFakeAnthropic } from "../../../e2e/fakes/models/anthropic.ts";
import { says, scripted } from "../../../e2e/fakes/models/brain.ts";
import { type FakeModelServer, type Json, records } from "../../../e2e/fakes/models/server.ts";
import type { Message } from "../model.ts";
import { assistant, playTurn, user } from "../testing/play.ts";
import { outputLimit, thinkingOf } from "./families.ts";
import { createAnthropicModel } from "./model.ts";

let fake: FakeModelServer;
beforeEach(async () => {
  fake = await startFakeAnthropic();
});
afterEach(async () => {
  await fake.close();
});

const modelOf = (model = "claude-sonnet-5", baseUrl = fake.url) =>
  createAnthropicModel({ provider: "anthropic", model, label: "Claude", baseUrl, key: "sk-ant-key-1" });
const THOUGHT = {
  says: [
    { kind: "thinking" as const, text: "Hm.", signature: "c2lnbmVkIQ==" },
    { kind: "tool" as const, name: "look", input: '{"n":1}', id: "toolu_A" },
  ],
};
const result = (call: string): Message => ({ kind: "result", call, ok: true, text: "seen" });

/** A first turn with a thought and a call, and what is sent for the second one. */
async function secondRequest(second = modelOf()): Promise<Json> {
  fake.think(scripted(THOUGHT, says("Done.")));
  const { blocks } = await playTurn(modelOf(), {});
  await playTurn(second, { messages: [user("Hello"), assistant(blocks), result("call_1")] });
  return fake.turns()[1]?.body ?? {};
}
const contentOf = (body: Json, message: number) => records(records(body.messages)[message]?.content);

describe("a request to Anthropic", () => {
  it("hands thoughts back word for word with their signature, and calls under the provider's ids", async () => {
    const body = await secondRequest();
    expect(contentOf(body, 1)).toEqual([
      { type: "thinking", thinking: "Hm.", signature: "c2lnbmVkIQ==" },
      { type: "tool_use", id: "toolu_A", name: "look", input: { n: 1 } },
    ]);
    expect(contentOf(body, 2)[0]).toMatchObject({ type: "tool_result", tool_use_id: "toolu_A", content: "seen" });
  });

  it("keeps what one model signed from another", async () => {
    const body = await secondRequest(modelOf("claude-opus-4-8"));
    expect(contentOf(body, 1)).toEqual([{ type: "tool_use", id: "call_1", name: "look", input: { n: 1 } }]);
    expect(contentOf(body, 2)[0]).toMatchObject({ tool_use_id: "call_1" });
  });

  it("marks what the next turn begins with for the cache: tools, system text, and the newest two ends", async () => {
    const body = await secondRequest();
    const marked = JSON.stringify(body).split('"cache_control":{"type":"ephemeral"}').length - 1;
    expect(marked).toBe(4);
    expect(records(body.tools).at(-1)).toHaveProperty("cache_control");
    expect(records(body.system).at(-1)).toHaveProperty("cache_control");
    expect(contentOf(body, 0).at(-1)).toHaveProperty("cache_control");
    expect(contentOf(body, 2).at(-1)).toHaveProperty("cache_control");
  });

  it("shows PDFs as documents with their names", async () => {
    fake.think(scripted(says("Read.")));
    const attachments = [{ file: "fi_1", name: "plan.pdf", mime: "application/pdf", bytes: 5, path: "inbox/plan.pdf" }];
    await playTurn(modelOf(), { messages: [user("Read it", { attachments })], load: async () => Buffer.from("%PDF-") });
    expect(contentOf(fake.turns()[0]?.body ?? {}, 0)).toContainEqual({
      type: "document",
      title: "plan.pdf",
      source: { type: "base64", media_type: "application/pdf", data: Buffer.from("%PDF-").toString("base64") },
      cache_control: { type: "ephemeral" },
    });
  });

  it("goes on without thinking where a server knows none", async () => {
    fake.think(scripted({ refuse: { status: 400, message: "thinking: Extra inputs are not permitted" } }, says("Hi.")));
    const played = await playTurn(modelOf(), {});
    expect(played).toMatchObject({ stop: "end", notes: [] });
    expect(fake.turns().map(({ body }) => "thinking" in body)).toEqual([true, false]);
  });

  it("reads nothing of the environment", async () => {
    process.env.ANTHROPIC_API_KEY = "sk-ant-of-the-environment";
    process.env.ANTHROPIC_AUTH_TOKEN = "token-of-the-environment";
    try {
      fake.think(scripted(says("Hi.")));
      const model = createAnthropicModel({ provider: "anthropic", model: "m", label: "M", baseUrl: fake.url });
      await playTurn(model, {});
      expect(JSON.stringify(fake.turns()[0]?.headers)).not.toContain("of-the-environment");
    } finally {
      delete process.env.ANTHROPIC_API_KEY;
      delete process.env.ANTHROPIC_AUTH_TOKEN;
    }
  });

  it("counts what was written to the cache at its own price", async () => {
    fake.think(scripted({ ...says("Hi."), usage: { input: 10, output: 0, cached: 100, cacheWrite: 1_000 } }));
    const price = { input: 1_000_000, output: 0, cached: 100_000, cacheWrite: 2_000_000 };
    const model = createAnthropicModel({ provider: "anthropic", model: "m", label: "M", baseUrl: fake.url, price });
    expect((await playTurn(model, {})).usage).toMatchObject({ usage: { input: 1_110, cached: 100 }, cost: 2_020 });
  });
});

describe("families of Claude", () => {
  it.each([
    ["claude-sonnet-5", "adaptive", 32_000],
    ["claude-opus-4-8", "adaptive", 32_000],
    ["claude-haiku-4-5-20260101", "enabled", 32_000],
    ["claude-sonnet-4-20250514", "enabled", 32_000],
    ["claude-3-5-sonnet-20241022", undefined, 8_192],
    ["qwen3:8b", undefined, 8_192],
  ])("asks %s to think as it knows how", (model, thinking, tokens) => {
    expect(thinkingOf(model, true)?.type).toBe(thinking);
    expect(outputLimit(model)).toBe(tokens);
  });

  it("does not ask an older one to think in a round that another model began", () => {
    expect(thinkingOf("claude-haiku-4-5", false)).toBeUndefined();
  });
});
