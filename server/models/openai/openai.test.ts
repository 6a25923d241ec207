import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Answer, says, scripted } from "../../../e2e/fakes/models/brain.ts";
import { startFakeOpenAI } from "../../../e2e/fakes/models/openai.ts";
import { type FakeModelServer, records } from "../../../e2e/fakes/models/server.ts";
import { assistant, playTurn, textOf, user } from "../testing/play.ts";
import { createOpenAIModel } from "./model.ts";
import { serverSentData } from "./sse.ts";
import { openaiDeltas } from "./stream.ts";

const at = (url: string) => createOpenAIModel({ provider: "openai", model: "local", label: "Local", baseUrl: `${url}/v1` });

describe("a request to chat completions", () => {
  let fake: FakeModelServer;
  beforeEach(async () => {
    fake = await startFakeOpenAI();
  });
  afterEach(async () => {
    await fake.close();
  });

  const THOUGHT: Answer = {
    says: [
      { kind: "thinking", text: "Hm." },
      { kind: "text", text: "I look." },
      { kind: "tool", name: "look", input: '{"n":1}', id: "call_wire" },
    ],
  };

  it("hands calls back under the server's ids, and its thoughts while their round is open", async () => {
    fake.think(scripted(THOUGHT, says("Done.")));
    const { blocks } = await playTurn(at(fake.url), {});
    const round = [user("Hello"), assistant(blocks), { kind: "result" as const, call: "call_2", ok: true, text: "seen" }];
    await playTurn(at(fake.url), { messages: round });
    await playTurn(at(fake.url), { messages: [...round, assistant([{ kind: "text", text: "Done." }]), user("And now?")] });
    const [, open, closed] = fake.turns().map(({ body }) => records(body.messages));
    const call = { id: "call_wire", type: "function", function: { name: "look", arguments: '{"n":1}' } };
    expect(open?.[2]).toEqual({ role: "assistant", content: "I look.", tool_calls: [call], reasoning_content: "Hm." });
    expect(open?.[3]).toEqual({ role: "tool", tool_call_id: "call_wire", content: "seen" });
    expect(closed?.[2]).not.toHaveProperty("reasoning_content");
  });

  it("sends plain text as a string, pictures as data, and no key where there is none", async () => {
    fake.think(scripted(says("Seen.")));
    await playTurn(at(fake.url), {});
    const attachments = [
      { file: "fi_1", name: "a.png", mime: "image/png", bytes: 3 },
      { file: "fi_2", name: "a.pdf", mime: "application/pdf", bytes: 3, path: "inbox/a.pdf" },
    ];
    await playTurn(at(fake.url), { messages: [user("Look", { attachments })], load: async () => Buffer.from("PNG") });
    const [plain, shown] = fake.turns();
    expect(records(plain?.body.messages)[1]).toEqual({ role: "user", content: "Ana:\nHello" });
    expect(plain?.headers.authorization).toBeUndefined();
    const sent = JSON.stringify(shown?.body);
    expect(sent).toContain("data:image/png;base64,UE5H");
    expect(sent).toContain("files of this kind cannot be shown to you. Read it with your tools at inbox/a.pdf.");
  });

  it("takes what a gateway says it charges", async () => {
    const chunks = [
      { choices: [{ delta: { content: "Hi" }, finish_reason: "stop" }] },
      { choices: [], usage: { prompt_tokens: 5, completion_tokens: 1, cost: 0.000123 } },
    ];
    expect((await play(chunks)).usage).toMatchObject({ cost: 123, basis: "reported" });
  });
});

async function* dataOf(chunks: readonly unknown[]) {
  for (const chunk of chunks) yield JSON.stringify(chunk);
}

function play(chunks: readonly unknown[]) {
  return playTurn({ name: "L", id: "l", stream: () => openaiDeltas("l", undefined, dataOf(chunks)) }, {});
}
const delta = (fields: object, finish?: string) => ({ choices: [{ delta: fields, finish_reason: finish ?? null }] });
const call = (fields: object, index?: number) => delta({ tool_calls: [{ ...(index !== undefined && { index }), ...fields }] });

describe("servers that read the protocol in their own way", () => {
  it("tells calls apart by their ids where they have no place", async () => {
    const { blocks, stop } = await play([
      call({ id: "a", function: { name: "look", arguments: '{"n":' } }),
      call({ function: { arguments: "1}" } }),
      call({ id: "b", function: { name: "look", arguments: '{"n":2}' } }),
      delta({}, "stop"),
    ]);
    expect(blocks).toMatchObject([{ input: '{"n":1}' }, { input: '{"n":2}' }]);
    expect(stop).toBe("tools");
  });

  it("tells calls apart that all claim the same place", async () => {
    const { blocks } = await play([
      call({ id: "a", function: { name: "look", arguments: '{"n":1}' } }, 0),
      call({ id: "b", function: { name: "look", arguments: '{"n":2}' } }, 0),
      delta({}, "tool_calls"),
    ]);
    expect(blocks).toHaveLength(2);
  });

  it("reads calls that come side by side, and arguments that come as values", async () => {
    const { blocks } = await play([
      call({ id: "a", function: { name: "look", arguments: "" } }, 0),
      call({ id: "b", function: { name: "look", arguments: { n: 2 } } }, 1),
      call({ function: { arguments: '{"n":1}' } }, 0),
      delta({}, "tool_calls"),
    ]);
    expect(blocks).toMatchObject([{ input: '{"n":1}' }, { input: '{"n":2}' }]);
  });

  it("reads thoughts under either of their names", async () => {
    const { blocks } = await play([delta({ reasoning: "Hm." }), delta({ content: "Yes." }), delta({}, "stop")]);
    expect(blocks).toMatchObject([
      { kind: "thinking", text: "Hm." },
      { kind: "text", text: "Yes." },
    ]);
  });
});

describe("what is no stream of chat completions", () => {
  let server: Server;
  let url: string;
  const serve = async (status: number, type: string, body: string): Promise<void> => {
    server = createServer((request, response) => {
      request.resume();
      response.writeHead(status, { "content-type": type }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address: AddressInfo | string | null = server.address();
    url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  };
  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
  });

  it.each([
    [200, "text/html", "<html>Welcome</html>", "malformed"],
    [200, "text/event-stream", 'data: {"choices": "none"}\n\n', "malformed"],
    [200, "text/event-stream", "data: [1,2", "cut"],
    [404, "text/plain", "404 page not found", "unknown_model"],
    [400, "application/json", '{"error":"model requires more context length"}', "context_too_long"],
  ])("is told from an answer: %i %s %s", async (status, type, body, code) => {
    await serve(status, type, body);
    expect((await playTurn(at(url), {})).failure?.code).toBe(code);
  });

  it("is read when the lines end in any way and no reason for the end is given", async () => {
    await serve(
      200,
      "text/event-stream",
      ': hello\r\n\r\ndata:{"choices":[{"delta":{"content":"Hi"}}]}\r\n\r\ndata: [DONE]\r\n\r\n',
    );
    expect(textOf(await playTurn(at(url), {}))).toBe("Hi");
  });
});

async function* inPieces(bytes: Uint8Array, size: number) {
  for (let from = 0; from < bytes.length; from += size) yield bytes.slice(from, from + size);
}

describe("serverSentData", () => {
  it("gives the same events however the bytes are cut", async () => {
    const text = "data: one\n\ndata: tw\u00f6\r\ndata: lines\r\n\r\nevent: x\ndata: 😀\n\n";
    const bytes = new TextEncoder().encode(text);
    for (let size = 1; size < bytes.length; size++) {
      const events: string[] = [];
      for await (const data of serverSentData(inPieces(bytes, size))) events.push(data);
      expect(events).toEqual(["one", "tw\u00f6\nlines", "😀"]);
    }
  });
});
