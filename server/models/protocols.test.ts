/** What every adapter does alike, held for each protocol against its fake over real HTTP. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startFakeAnthropic } from "../../e2e/fakes/models/anthropic.ts";
import { type Answer, says, scripted } from "../../e2e/fakes/models/brain.ts";
import { startFakeGemini } from "../../e2e/fakes/models/gemini.ts";
import { startFakeOpenAI } from "../../e2e/fakes/models/openai.ts";
import type { FakeModelServer, FakeOptions } from "../../e2e/fakes/models/server.ts";
import type { ModelCandidate } from "./access.ts";
import type { Model } from "./model.ts";
import { modelsOf } from "./registry.ts";
import { assistant, playTurn, textOf, user } from "./testing/play.ts";

const KEY = "sk-test-THE-WHOLE-KEY-0123456789";
const PRICE = { input: 2_000_000, output: 10_000_000, cached: 200_000, cacheWrite: 2_500_000 };

type Protocol = {
  provider: "anthropic" | "gemini" | "openai";
  start(options: FakeOptions): Promise<FakeModelServer>;
  model: string;
  /** as the provider's address is configured */
  base(url: string): string;
};

const PROTOCOLS: Protocol[] = [
  { provider: "anthropic", start: startFakeAnthropic, model: "claude-sonnet-5", base: (url) => url },
  { provider: "gemini", start: startFakeGemini, model: "gemini-3-pro-preview", base: (url) => url },
  { provider: "openai", start: startFakeOpenAI, model: "local-fake", base: (url) => `${url}/v1` },
];

describe.each(PROTOCOLS)("a model behind $provider", ({ provider, start, model, base }) => {
  let fake: FakeModelServer;
  beforeEach(async () => {
    fake = await start({ key: KEY });
  });
  afterEach(async () => {
    await fake.close();
  });

  const candidate = (more: Partial<ModelCandidate> = {}): ModelCandidate => {
    return { provider, model, label: "The model", baseUrl: base(fake.url), key: KEY, price: PRICE, ...more };
  };
  const modelOf = (more?: Partial<ModelCandidate>): Model => modelsOf({ candidates: [candidate(more)] })[0];
  const answering = (...answers: [Answer, ...Answer[]]): Model => {
    fake.think(scripted(...answers));
    return modelOf();
  };

  it("streams thoughts, text and parallel calls, with what they used", async () => {
    const model = answering({
      says: [
        { kind: "thinking", text: "Let me think about it." },
        { kind: "text", text: "I look twice." },
        { kind: "tool", name: "look", input: '{"n":1}' },
        { kind: "tool", name: "look", input: '{"n":2}' },
      ],
      usage: { input: 100, output: 50, cached: 1_000 },
    });
    const played = await playTurn(model, {});
    expect(played.blocks).toMatchObject([
      { kind: "thinking", text: "Let me think about it." },
      { kind: "text", text: "I look twice." },
      { kind: "tool_call", name: "look", input: '{"n":1}' },
      { kind: "tool_call", name: "look", input: '{"n":2}' },
    ]);
    expect(played.deltas.filter(({ type }) => type === "block.delta").length).toBeGreaterThan(4);
    expect(played.stop).toBe("tools");
    expect(played.usage).toMatchObject({ usage: { input: 1_100, output: 50, cached: 1_000 }, cost: 900, basis: "list" });
  });

  it("hands results back to the calls they belong to, also when the arguments were no JSON", async () => {
    const model = answering(
      {
        says: [
          { kind: "tool", name: "look", input: "{not json", id: "wire-1" },
          { kind: "tool", name: "look", input: '{"n":2}', id: "wire-2" },
        ],
      },
      says("Done."),
    );
    const first = await playTurn(model, {});
    expect(first.failure).toBeUndefined();
    const calls = first.blocks.flatMap((block) => (block.kind === "tool_call" ? [block.call] : []));
    const results = calls.map((call, n) => ({ kind: "result" as const, call, ok: n === 1, text: `result ${n}` }));
    const second = await playTurn(model, { messages: [user("Hello"), assistant(first.blocks), ...results] });
    expect(textOf(second)).toBe("Done.");
    const sent = JSON.stringify(fake.turns()[1]?.body);
    for (const word of ["wire-1", "wire-2", "result 0", "result 1", "not json"]) expect(sent).toContain(word);
    expect(sent).not.toContain('"call_0"');
  });

  it("sends what was said before, and each file as far as it fits", async () => {
    const model = answering(says("Seen."));
    const file = (id: string, mime: string, bytes: number) => ({ file: id, name: `${id}.x`, mime, bytes, path: `inbox/${id}.x` });
    const history = [{ by: "Bo", text: "Earlier\nwords", at: "2026-11-20T10:00:00.000Z" }];
    const loaded: string[] = [];
    const played = await playTurn(model, {
      messages: [
        { kind: "history", said: history },
        user("Look at these", {
          attachments: [
            file("fi_png", "image/png", 8),
            file("fi_huge", "image/png", 900_000_000),
            file("fi_zip", "application/zip", 8),
            file("fi_gone", "image/png", 8),
          ],
        }),
      ],
      load: async (id) => {
        loaded.push(id);
        if (id === "fi_gone") throw new Error("gone");
        return Buffer.from("PICTURE!");
      },
    });
    expect(textOf(played)).toBe("Seen.");
    expect(loaded.toSorted()).toEqual(["fi_gone", "fi_png"]);
    const sent = JSON.stringify(fake.turns()[0]?.body);
    expect(sent).toContain(Buffer.from("PICTURE!").toString("base64"));
    expect(sent).toContain("> Earlier\\n> words");
    expect(sent).toContain("inbox/fi_huge.x");
    expect(sent).toContain("it is larger than");
    expect(sent).toContain("files of this kind cannot be shown");
    expect(sent).toContain("it can no longer be read");
  });

  it("gives the skills that a message names", async () => {
    const model = answering(says("Yes."));
    await playTurn(model, { messages: [user("/draw it", { skills: [{ name: "draw", body: "Draw by hand." }] })] });
    expect(JSON.stringify(fake.turns()[0]?.body)).toContain("Draw by hand.");
  });

  const OOPS = `${provider === "anthropic" ? "event: content_block_delta\n" : ""}data: {"type": oops\n\n`;
  const TEXT = says("Half of it was said already");
  const REFUSED: [string, Answer, string, boolean][] = [
    ["a wrong key", { refuse: { status: 401, code: "auth" } }, "auth", false],
    ["a key that may not", { refuse: { status: 403 } }, "auth", false],
    ["a key that was taken back", { refuse: { status: 403, message: "This API key was revoked." } }, "revoked", false],
    ["an account without credit", { refuse: { status: 402 } }, "quota", false],
    [
      "an exhausted account",
      { refuse: { status: 429, code: "insufficient_quota", message: "Check your billing." } },
      "quota",
      false,
    ],
    ["too many requests", { refuse: { status: 429 } }, "rate_limit", true],
    ["a busy provider", { refuse: { status: 503 } }, "overloaded", true],
    ["a very busy provider", { refuse: { status: 529 } }, "overloaded", true],
    ["a broken provider", { refuse: { status: 500 } }, "server_error", true],
    ["a gateway's page", { refuse: { status: 502, body: "<html>Bad gateway</html>" } }, "server_error", true],
    ["an unknown model", { refuse: { status: 404 } }, "unknown_model", false],
    ["a request that is refused", { refuse: { status: 400, message: "messages.0 is wrong" } }, "invalid_request", false],
    [
      "a long conversation",
      { refuse: { status: 400, message: "prompt is too long: 300000 tokens > 200000" } },
      "context_too_long",
      false,
    ],
    ["a cut stream", { ...TEXT, fault: { kind: "cut", after: 4 } }, "cut", true],
    ["a stream that ends early", { ...TEXT, fault: { kind: "malformed", text: "", after: 4 } }, "cut", true],
    ["a malformed event", { ...TEXT, fault: { kind: "malformed", text: OOPS, after: 4 } }, "malformed", true],
  ];

  it.each(REFUSED)("says what %s means, without the key", async (_what, answer, code, retryable) => {
    const { failure, stop } = await playTurn(answering(answer), {});
    expect(failure).toMatchObject({ code, retryable });
    expect(failure?.message).toMatch(/^[A-Z].+[.”]$/);
    expect(failure?.whatToDo).toBeTruthy();
    expect(stop).toBeUndefined();
  });

  it("keeps the key out of what people read, whatever the provider quotes", async () => {
    const refusals = [
      await playTurn(modelOf({ key: "sk-wrong-0123456789" }), {}),
      await playTurn(answering({ refuse: { status: 400, message: `bad header ${KEY} and sk-ant-abc…wxyz1234` } }), {}),
    ];
    for (const { failure } of refusals) {
      expect(JSON.stringify(failure)).not.toMatch(/sk-|WHOLE-KEY|0123456789/);
    }
  });

  it("says when a provider cannot be reached", async () => {
    const lost = modelOf();
    await fake.close();
    expect((await playTurn(lost, {})).failure).toMatchObject({ code: "unreachable", retryable: true });
    fake = await start({ key: KEY });
  });

  it("does not carry the key to where a redirect leads", async () => {
    const elsewhere = await start({});
    const { failure } = await playTurn(
      answering({ refuse: { status: 307, headers: { location: `${elsewhere.url}/v1/messages` }, body: "" } }),
      {},
    );
    expect(failure?.retryable).toBe(true);
    expect(elsewhere.requests).toEqual([]);
    await elsewhere.close();
  });

  it("stops without a word when it is told to, and the provider sees it", async () => {
    const model = answering({ ...says("Slowly, slowly"), fault: { kind: "silent", after: 5 } });
    const stop = new AbortController();
    const playing = playTurn(model, {}, stop.signal);
    await expect.poll(() => fake.turns().length).toBe(1);
    stop.abort();
    const played = await playing;
    expect(played.failure).toBeUndefined();
    expect(played.stop).toBeUndefined();
    await expect.poll(() => fake.turns()[0]?.aborted).toBe(true);
  });

  it("reads a stream that comes in many small pieces", async () => {
    const model = answering({ ...says("Übergrößenträger 😀 done"), pace: { chunks: 20, ms: 1 } });
    expect(textOf(await playTurn(model, {}))).toBe("Übergrößenträger 😀 done");
  });

  it.each([
    ["length", "length"],
    ["refusal", "refusal"],
  ] as const)("tells an answer that ended by %s", async (stop, expected) => {
    expect((await playTurn(answering({ ...says("No"), stop }), {})).stop).toBe(expected);
  });

  it("goes on without tools where a model takes none, and says so once", async () => {
    const model = answering({ refuse: { status: 400, message: "gemma does not support tools" } }, says("Just words."));
    const played = await playTurn(model, {});
    expect(textOf(played)).toBe("Just words.");
    expect(played.notes).toEqual([expect.stringContaining("takes no tools")]);
    expect((await playTurn(model, {})).notes).toEqual([]);
    expect(fake.turns().map(({ body }) => "tools" in body)).toEqual([true, false, false]);
  });

  it("goes on without files where a model takes none", async () => {
    const model = answering({ refuse: { status: 400, message: "image input is not supported" } }, says("Just words."));
    const attachments = [{ file: "fi_1", name: "a.png", mime: "image/png", bytes: 4 }];
    const load = async () => Buffer.from("PNG!");
    const played = await playTurn(model, { messages: [user("Look", { attachments })], load });
    expect(textOf(played)).toBe("Just words.");
    expect(played.notes).toEqual([expect.stringContaining("did not take the attached files")]);
  });

  it("tells nothing about this machine", async () => {
    await playTurn(answering(says("Hi.")), {});
    const headers = fake.turns()[0]?.headers ?? {};
    expect(headers["user-agent"]).toBe("atrium");
    expect(Object.keys(headers).filter((name) => /stainless|api-client/.test(name))).toEqual([]);
  });

  it("says that a cost is unknown where nobody knows the price", async () => {
    fake.think(scripted(says("Hi.")));
    expect((await playTurn(modelOf({ price: undefined }), {})).usage).toMatchObject({ cost: 0, basis: "unknown" });
  });
});

describe("the time a provider asks for", () => {
  it.each([
    ["anthropic", startFakeAnthropic],
    ["openai", startFakeOpenAI],
  ] as const)("is heard from %s", async (provider, start) => {
    const fake = await start({ brain: scripted({ refuse: { status: 429, headers: { "retry-after": "7" } } }) });
    const [model] = modelsOf({ candidates: [{ provider, model: "m", label: "M", baseUrl: fake.url }] });
    expect((await playTurn(model, {})).failure).toMatchObject({ code: "rate_limit", retryAfterMs: 7_000 });
    await fake.close();
  });

  it("is heard from gemini, which puts it into the details", async () => {
    const details = [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "12.5s" }];
    const error = { error: { code: 429, message: "Slow down", status: "RESOURCE_EXHAUSTED", details } };
    const fake = await startFakeGemini({
      brain: scripted({ refuse: { status: 429, headers: { "content-type": "application/json" }, body: JSON.stringify(error) } }),
    });
    const [model] = modelsOf({ candidates: [{ provider: "gemini", model: "m", label: "M", baseUrl: fake.url }] });
    expect((await playTurn(model, {})).failure).toMatchObject({ code: "rate_limit", retryAfterMs: 12_500 });
    await fake.close();
  });
});

describe("an error inside a stream that had begun", () => {
  it.each([
    ["anthropic", startFakeAnthropic, "overloaded_error"],
    ["gemini", startFakeGemini, "UNAVAILABLE"],
    ["openai", startFakeOpenAI, "rate_limit_exceeded"],
  ] as const)("is told from a cut by %s", async (provider, start, code) => {
    const brain = scripted({ ...says("Half"), fault: { kind: "error", code, message: "not now", after: 4 } });
    const fake = await start({ brain });
    const [model] = modelsOf({ candidates: [{ provider, model: "m", label: "M", baseUrl: fake.url }] });
    const { failure } = await playTurn(model, {});
    expect(failure).toMatchObject({ code: provider === "openai" ? "rate_limit" : "overloaded", retryable: true });
    await fake.close();
  });
});
