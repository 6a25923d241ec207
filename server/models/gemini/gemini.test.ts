import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Answer, says, scripted } from "../../../e2e/fakes/models/brain.ts";
import { startFakeGemini } from "../../../e2e/fakes/models/gemini.ts";
import { type FakeModelServer, type Json, records } from "../../../e2e/fakes/models/server.ts";
import { assistant, playTurn, user } from "../testing/play.ts";
import { createGeminiModel } from "./model.ts";
import { geminiDeltas } from "./stream.ts";

let fake: FakeModelServer;
beforeEach(async () => {
  fake = await startFakeGemini();
});
afterEach(async () => {
  await fake.close();
});

const modelOf = (model = "gemini-3-pro-preview") =>
  createGeminiModel({ provider: "gemini", model, label: "Gemini", baseUrl: fake.url, key: "AIza-key" });
const partsOf = (body: Json | undefined, content: number) => records(records(body?.contents)[content]?.parts);
const CALLS: Answer = {
  says: [
    { kind: "thinking", text: "Hm." },
    { kind: "tool", name: "look", input: '{"n":1}', id: "fc-1" },
    { kind: "tool", name: "look", input: '{"n":2}', id: "fc-2" },
  ],
};

async function secondRequest(second = modelOf()): Promise<Json | undefined> {
  fake.think(scripted(CALLS, says("Done.")));
  const { blocks } = await playTurn(modelOf(), {});
  const results = ["call_1", "call_2"].map((call) => ({ kind: "result" as const, call, ok: call === "call_1", text: "seen" }));
  await playTurn(second, { messages: [user("Hello"), assistant(blocks), ...results] });
  return fake.turns()[1]?.body;
}

describe("a request to Gemini", () => {
  it("hands its parts back as they came, signatures and ids included", async () => {
    const body = await secondRequest();
    expect(partsOf(body, 1)).toEqual([
      { text: "Hm.", thought: true },
      { functionCall: { id: "fc-1", name: "look", args: { n: 1 } }, thoughtSignature: "c2ln" },
      { functionCall: { id: "fc-2", name: "look", args: { n: 2 } } },
    ]);
    expect(partsOf(body, 2)).toEqual([
      { functionResponse: { id: "fc-1", name: "look", response: { output: "seen" } } },
      { functionResponse: { id: "fc-2", name: "look", response: { error: "seen" } } },
    ]);
  });

  it("says of calls that another model made that they were never signed", async () => {
    const [call] = partsOf(await secondRequest(modelOf("gemini-3-flash-preview")), 1);
    expect(call).toEqual({
      functionCall: { name: "look", args: { n: 1 } },
      thoughtSignature: "skip_thought_signature_validator",
    });
  });

  it("shows pictures and PDFs inline", async () => {
    fake.think(scripted(says("Seen.")));
    const attachments = [{ file: "fi_1", name: "plan.pdf", mime: "application/pdf", bytes: 5 }];
    await playTurn(modelOf(), { messages: [user("Read", { attachments })], load: async () => Buffer.from("%PDF-") });
    const data = Buffer.from("%PDF-").toString("base64");
    expect(partsOf(fake.turns()[0]?.body, 0)).toContainEqual({ inlineData: { mimeType: "application/pdf", data } });
  });

  it("asks for thoughts only where a model has them, and never runs tools by itself", async () => {
    fake.think(scripted(says("Hi.")));
    await playTurn(modelOf(), {});
    await playTurn(modelOf("gemma-3-27b"), {});
    const configs = fake.turns().map(({ body }) => body.generationConfig);
    expect(configs[0]).toMatchObject({ thinkingConfig: { includeThoughts: true } });
    expect(configs[1] ?? {}).not.toHaveProperty("thinkingConfig");
  });

  it("calls a wrong key by its name, which comes as a bad request", async () => {
    fake.think(scripted({ refuse: { status: 400, code: "auth", message: "API key not valid. Please pass a valid API key." } }));
    expect((await playTurn(modelOf(), {})).failure).toMatchObject({
      code: "auth",
      message: expect.not.stringContaining("pass a"),
    });
  });
});

describe("parts of a Gemini stream", () => {
  async function play(...parts: object[]) {
    const chunks = parts.map((part, at) => ({
      candidates: [{ content: { parts: [part] }, ...(at === parts.length - 1 && { finishReason: "STOP" }) }],
    }));
    const model = {
      name: "G",
      id: "g",
      stream: () => geminiDeltas("gemini/x", undefined, JSON.parse(JSON.stringify(chunks))),
    };
    return await playTurn(model, {});
  }

  it("keeps a signature that comes after the text with the text", async () => {
    const { blocks } = await play({ text: "Hello " }, { text: "you" }, { text: "", thoughtSignature: "sig" });
    expect(blocks).toEqual([
      { kind: "text", text: "Hello you", private: { of: "gemini/x", data: { pieces: [{ end: 9, signature: "sig" }] } } },
    ]);
  });

  it("remembers where a signed part began, so that it is not joined to the one before", async () => {
    const { blocks } = await play({ text: "Hello " }, { text: "you", thoughtSignature: "sig" });
    expect(blocks[0]?.private).toEqual({ of: "gemini/x", data: { pieces: [{ end: 6 }, { end: 9, signature: "sig" }] } });
  });

  it("says of a call nobody can read that it was garbled", async () => {
    const chunks = [{ candidates: [{ finishReason: "MALFORMED_FUNCTION_CALL" }] }];
    const deltas = [];
    for await (const delta of geminiDeltas("g", undefined, JSON.parse(JSON.stringify(chunks)))) deltas.push(delta);
    expect(deltas).toMatchObject([{ type: "error", failure: { code: "malformed", retryable: true } }]);
  });
});
