/** What becomes of a run when its models fail: tries, stand-ins, streams that break, and files that came along. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { startFakeAnthropic } from "../../../e2e/fakes/models/anthropic.ts";
import { type Answer, says, scripted } from "../../../e2e/fakes/models/brain.ts";
import { startFakeGemini } from "../../../e2e/fakes/models/gemini.ts";
import { startFakeOpenAI } from "../../../e2e/fakes/models/openai.ts";
import { type FakeModelServer, records } from "../../../e2e/fakes/models/server.ts";
import type { ModelCandidate } from "../../models/access.ts";
import { modelFailure } from "../../models/failures.ts";
import type { Model, ModelRequest } from "../../models/model.ts";
import { modelsOf, noModel } from "../../models/registry.ts";
import { Stage } from "../testing/stage.ts";

const BUSY: Answer = { refuse: { status: 529 } };
const fakes: FakeModelServer[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const fake of fakes.splice(0)) await fake.close();
});

async function candidate(
  provider: "anthropic" | "gemini" | "openai",
  ...answers: [Answer, ...Answer[]]
): Promise<ModelCandidate & { fake: FakeModelServer }> {
  const start = { anthropic: startFakeAnthropic, gemini: startFakeGemini, openai: startFakeOpenAI }[provider];
  const fake = await start({ brain: scripted(...answers) });
  fakes.push(fake);
  const model = { anthropic: "claude-sonnet-5", gemini: "gemini-3-pro-preview", openai: "local" }[provider];
  return { provider, model, label: `Model of ${provider}`, baseUrl: fake.url, key: "sk-key-0123456789", fake };
}

async function play(candidates: ModelCandidate[], prompt = "Go"): Promise<Stage> {
  const stage = new Stage({ prompts: [prompt], models: modelsOf({ candidates }) });
  await stage.playOut();
  return stage;
}

const eventsOf = (stage: Stage, type: string) => stage.room.events.filter((event) => event.type === type);
const answeredBy = (stage: Stage) => eventsOf(stage, "turn.started").map((event) => "model" in event && event.model);

describe("a run whose model fails", () => {
  it("tries a turn again and says so", async () => {
    const stage = await play([await candidate("anthropic", BUSY, BUSY, says("Here."))]);
    expect(stage.room.run).toMatchObject({ outcome: "done", text: "Here." });
    expect(eventsOf(stage, "retry")).toMatchObject([{ attempt: 1, code: "overloaded" }, { attempt: 2 }]);
    expect(stage.sleeps).toEqual([1_000, 4_000]);
  });

  it("waits as long as the provider asks", async () => {
    const limited: Answer = { refuse: { status: 429, headers: { "retry-after": "9" } } };
    const stage = await play([await candidate("openai", limited, says("Here."))]);
    expect(stage.sleeps).toEqual([9_000]);
    expect(stage.room.run.outcome).toBe("done");
  });

  it("ends, and says when to come back, where the provider asks for too long", async () => {
    const limited: Answer = { refuse: { status: 429, headers: { "retry-after": "1800" } } };
    const stage = await play([await candidate("openai", limited)]);
    expect(stage.sleeps).toEqual([]);
    expect(stage.room.run).toMatchObject({ outcome: "failed", error: { message: expect.stringContaining("30 minutes") } });
  });

  it("tells a half answer that broke as void and says the whole once", async () => {
    const cut: Answer = { ...says("The first half, and the second."), fault: { kind: "cut", after: 4 } };
    const stage = await play([await candidate("anthropic", cut, says("The first half, and the second."))]);
    const blocks = eventsOf(stage, "block.ended");
    expect(blocks).toMatchObject([{ void: true }, { text: "The first half, and the second." }]);
    expect(blocks[1]).not.toHaveProperty("void");
    expect(stage.room.run.text).toBe("The first half, and the second.");
    expect(stage.entries.filter(({ kind }) => kind === "assistant")).toHaveLength(1);
    expect(stage.room.run.openBlocks).toEqual([]);
  });

  it("runs no call of a stream that broke", async () => {
    const calls: Answer = {
      says: [
        { kind: "tool", name: "change", input: '{"n":3}' },
        { kind: "tool", name: "change", input: '{"n":6}' },
      ],
      fault: { kind: "cut", after: 9 },
    };
    const stage = await play([await candidate("anthropic", calls, says("Nothing was done."))]);
    expect(stage.effects).toEqual([]);
    expect(stage.room.run.outcome).toBe("done");
  });

  it("answers a call whose arguments are no JSON, and goes on", async () => {
    const broken: Answer = { says: [{ kind: "tool", name: "change", input: '{"n": 3' }] };
    const made = await candidate("anthropic", broken, says("I wrote that wrongly."));
    const stage = await play([made]);
    expect(stage.effects).toEqual([]);
    expect(stage.results[0]).toMatch(/JSON/);
    expect(stage.room.run.text).toBe("I wrote that wrongly.");
    const [, second] = made.fake.turns();
    expect(JSON.stringify(second?.body.messages)).toContain("unreadable_arguments");
  });

  it.each([
    [401, "auth", /did not accept the key/],
    [404, "unknown_model", /no such model/],
    [402, "quota", /no credit/],
  ])("ends at once at %i, in words for people", async (status, code, words) => {
    const made = await candidate("anthropic", { refuse: { status } });
    const stage = await play([made]);
    expect(stage.room.run).toMatchObject({ outcome: "failed", error: { code, message: expect.stringMatching(words) } });
    expect(made.fake.turns()).toHaveLength(1);
    expect(JSON.stringify(stage.room.events) + JSON.stringify(stage.room.journal)).not.toContain("sk-key");
  });

  it("says why where nothing was lent", async () => {
    const stage = new Stage({ prompts: ["Go"], models: [noModel(modelFailure("sealed", "The key cannot be opened."))] });
    await stage.playOut();
    expect(stage.room.run).toMatchObject({ outcome: "failed", error: { message: "The key cannot be opened." } });
  });
});

describe("a run with stand-ins", () => {
  it("switches after two tries within the same run, and says so", async () => {
    const first = await candidate("anthropic", BUSY);
    const stage = await play([first, await candidate("gemini", says("I stand in."))]);
    expect(stage.room.run).toMatchObject({ outcome: "done", text: "I stand in." });
    expect(first.fake.turns()).toHaveLength(2);
    expect(answeredBy(stage)).toEqual(["Model of anthropic", "Model of anthropic", "Model of gemini"]);
    expect(eventsOf(stage, "log")).toMatchObject([
      {
        level: "warn",
        text: "Model of anthropic did not answer. The model's provider is overloaded. It said: “fake 529” Model of gemini goes on.",
      },
    ]);
    expect(stage.room.run.state).toBe("ended");
  });

  it("keeps to the stand-in, which hears nothing that only the first model understands", async () => {
    const THINKS: Answer = {
      says: [
        { kind: "thinking", text: "Hm.", signature: "c2lnbmVk" },
        { kind: "tool", name: "look", input: '{"n":1}', id: "toolu_first" },
      ],
    };
    const first = await candidate("anthropic", THINKS, BUSY);
    const second = await candidate("openai", { says: [{ kind: "tool", name: "look", input: '{"n":2}' }] }, says("Done."));
    const stage = await play([first, second]);
    expect(stage.room.run.text).toBe("Done.");
    expect(second.fake.turns()).toHaveLength(2);
    const sent = JSON.stringify(second.fake.turns()[0]?.body);
    expect(sent).toContain("look 1 done");
    expect(sent).not.toMatch(/c2lnbmVk|toolu_first|Hm\./);
  });

  it("switches at once where the account is empty, and never round a wrong key", async () => {
    const empty = await candidate("anthropic", { refuse: { status: 402 } });
    expect((await play([empty, await candidate("gemini", says("Yes."))])).room.run.outcome).toBe("done");
    expect(empty.fake.turns()).toHaveLength(1);
    const other = await candidate("gemini", says("Yes."));
    const stage = await play([await candidate("anthropic", { refuse: { status: 401 } }), other]);
    expect(stage.room.run).toMatchObject({ outcome: "failed", error: { code: "auth" } });
    expect(other.fake.turns()).toEqual([]);
  });

  it("ends with the last one's failure when none answers", async () => {
    const last = await candidate("gemini", { refuse: { status: 500 } });
    const stage = await play([await candidate("anthropic", BUSY), last]);
    expect(stage.room.run).toMatchObject({ outcome: "failed", error: { code: "server_error" } });
    expect(last.fake.turns()).toHaveLength(3);
  });

  it("goes on with the stand-in on another runner", async () => {
    const first = await candidate("anthropic", BUSY);
    const second = await candidate("openai", { says: [{ kind: "tool", name: "send", input: '{"n":3}' }] }, says("Sent."));
    const stage = await play([first, second]);
    expect(stage.effects).toEqual(["send 3"]);
    expect(first.fake.turns()).toHaveLength(2);
    expect(answeredBy(stage).slice(2)).toEqual(["Model of openai", "Model of openai"]);
  });
});

describe("what a run costs", () => {
  const price = { input: 1_000_000, output: 2_000_000, cached: 100_000 };
  const used: Answer = { ...says("Hi."), usage: { input: 100, output: 10 } };

  it("is known from a price", async () => {
    const stage = await play([{ ...(await candidate("anthropic", used)), price }]);
    expect(stage.room.run).toMatchObject({ cost: 120, basis: "list", usage: { input: 100, output: 10 } });
    expect(eventsOf(stage, "turn.ended")).toMatchObject([{ cost: 120, basis: "list" }]);
  });

  it("is unknown as soon as a part of it is", async () => {
    const first = {
      ...(await candidate("anthropic", { says: [{ kind: "tool", name: "look", input: '{"n":1}' }] }, BUSY)),
      price,
    };
    const stage = await play([first, await candidate("openai", used)]);
    expect(stage.room.run.basis).toBe("unknown");
    expect(stage.room.run.cost).toBeGreaterThan(0);
  });

  it("is not made unknown by tries that were refused", async () => {
    const stage = await play([{ ...(await candidate("anthropic", BUSY, used)), price }]);
    expect(stage.room.run).toMatchObject({ cost: 120, basis: "list" });
  });
});

describe("a silent stream", () => {
  it("is given up after a while and tried again", async () => {
    const made = await candidate("anthropic", { ...says("Half an answer"), fault: { kind: "silent", after: 4 } }, says("Whole."));
    const stage = new Stage({ prompts: ["Go"], models: modelsOf({ candidates: [made] }) });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const done = stage.start().done;
    await stage.room.when(() => stage.room.live.length > 0);
    await vi.advanceTimersByTimeAsync(90_000);
    vi.useRealTimers();
    expect(await done).toBe("ended");
    expect(eventsOf(stage, "retry")).toMatchObject([{ code: "timeout" }]);
    expect(stage.room.run.text).toBe("Whole.");
  });

  it("may be silent for longer before its first word, where a model is known for it", async () => {
    let begin = (): void => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const slow: Model = {
      name: "slow",
      id: "slow",
      slowStartMs: 300_000,
      async *stream() {
        await begun;
        yield { type: "block.start", index: 0, kind: "text" };
        yield { type: "block.delta", index: 0, text: "At last." };
        yield { type: "block.end", index: 0 };
        yield { type: "stop", stop: "end" };
      },
    };
    const stage = new Stage({ prompts: ["Go"], models: [slow] });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const done = stage.start().done;
    await stage.room.when(() => eventsOf(stage, "turn.started").length > 0);
    await vi.advanceTimersByTimeAsync(299_000);
    begin();
    vi.useRealTimers();
    expect(await done).toBe("ended");
    expect(stage.room.run).toMatchObject({ outcome: "done", text: "At last." });
  });
});

describe("what came with a prompt", () => {
  const PLAN = { file: "fi_plan", name: "plan.pdf", mime: "application/pdf", bytes: 5 };
  const OLD = { file: "fi_old", name: "old.png", mime: "image/png", bytes: 5 };
  const cameWith = {
    attachments: [PLAN],
    history: [
      {
        by: { id: "u_bo", name: "Bo", kind: "person" as const },
        text: "Look at this.",
        at: "2026-11-20T09:00:00Z",
        attachments: [OLD],
      },
      { by: { id: "ag_test", name: "Guide", kind: "agent" as const }, text: "I did.", at: "2026-11-20T09:01:00Z" },
    ],
  };
  const files = {
    load: async (file: string) => Buffer.from(file),
    place: async ({ name }: { name: string }) => `inbox/${name}`,
  };

  it("is told to people, put into the inbox, kept as references, and shown to the model", async () => {
    const requests: ModelRequest[] = [];
    const listener: Model = {
      name: "m",
      id: "m",
      async *stream(request) {
        requests.push(request);
        yield { type: "stop", stop: "end" };
      },
    };
    const stage = new Stage({ prompts: ["Read it"], cameWith, files, models: [listener] });
    await stage.playOut();
    expect(eventsOf(stage, "message.user")).toMatchObject([{ text: "Read it", attachments: [PLAN] }]);
    expect(requests[0]?.messages).toMatchObject([
      {
        kind: "history",
        said: [
          { by: "Bo", text: "Look at this.", attachments: [{ ...OLD, path: "inbox/old.png" }] },
          { by: "Guide", own: true, text: "I did." },
        ],
      },
      { kind: "user", text: "Read it", attachments: [{ ...PLAN, path: "inbox/plan.pdf" }] },
    ]);
    expect(Buffer.from((await requests[0]?.load("fi_plan")) ?? []).toString()).toBe("fi_plan");
  });

  it("reaches a provider with its bytes", async () => {
    const made = await candidate("gemini", says("Read."));
    const stage = new Stage({ prompts: ["Read it"], cameWith, files, models: modelsOf({ candidates: [made] }) });
    await stage.playOut();
    const parts = records(records(made.fake.turns()[0]?.body.contents)[0]?.parts);
    const shown = parts.flatMap(({ inlineData }) => (inlineData ? [inlineData] : []));
    expect(shown).toEqual([
      { mimeType: "image/png", data: Buffer.from("fi_old").toString("base64") },
      { mimeType: "application/pdf", data: Buffer.from("fi_plan").toString("base64") },
    ]);
  });

  it("is missed without holding up the words when it cannot be had", async () => {
    const stage = new Stage({ prompts: ["Read it"], cameWith: { attachments: [PLAN] } });
    await stage.playOut();
    expect(stage.room.run.outcome).toBe("done");
    expect(eventsOf(stage, "log")).toMatchObject([{ level: "warn", text: 'Could not be fetched: "plan.pdf".' }]);
    expect(stage.room.run.text).toContain("1 file came with it: plan.pdf.");
  });
});
