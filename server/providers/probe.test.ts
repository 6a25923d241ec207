import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import { startFakeAnthropic } from "../../e2e/fakes/models/anthropic.ts";
import { startFakeGemini } from "../../e2e/fakes/models/gemini.ts";
import { startFakeOpenAI } from "../../e2e/fakes/models/openai.ts";
import type { Protocol } from "../../party/protocol/provider-key.ts";
import { findLocal } from "./local.ts";
import { probe } from "./probe.ts";

const KEY = "the-right-key-0123456789";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** A server that is none of the fakes: what a gateway, a router or a mistake may answer. */
async function serve(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return urlOf(server.address());
}

function urlOf(address: ReturnType<Server["address"]>): string {
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
}

const ask = (kind: Protocol, baseUrl: string, key: string | undefined = KEY, named: string[] = []) =>
  probe({ kind, baseUrl, key, named });

const FAKES = { anthropic: startFakeAnthropic, gemini: startFakeGemini, openai: startFakeOpenAI } as const;

test.each(["anthropic", "gemini", "openai"] as const)(
  "%s: the right key shows models; a wrong and a revoked one are told",
  async (kind) => {
    const fake = await FAKES[kind]({ key: KEY, revoked: ["revoked-key-9876543210"] });
    cleanups.push(fake.close);
    const at = kind === "openai" ? `${fake.url}/v1` : fake.url;
    const right = await ask(kind, at);
    expect(right).toMatchObject({ status: "ok" });
    expect(right.status === "ok" && right.models.length).toBeGreaterThan(0);
    for (const [key, status] of [
      ["wrong-key-9876543210", "wrong_key"],
      ["revoked-key-9876543210", "revoked"],
    ] as const) {
      const verdict = await ask(kind, at, key);
      expect(verdict).toMatchObject({ status });
      expect(JSON.stringify(verdict)).not.toContain(key);
    }
    expect(fake.requests.map(({ query }) => query.has("key"))).not.toContain(true);
  },
);

test.each([
  [401, '{"error":{"code":"invalid_api_key"}}', "wrong_key"],
  [403, '{"error":{"type":"permission_error"}}', "revoked"],
  [401, '{"error":{"message":"This key was disabled"}}', "revoked"],
  [400, '{"error":{"details":[{"reason":"API_KEY_INVALID"}]}}', "wrong_key"],
  [400, '{"error":{"message":"API key expired. Please renew the API key."}}', "revoked"],
  [402, "{}", "no_credit"],
  [429, '{"error":{"code":"insufficient_quota"}}', "no_credit"],
  [400, '{"error":{"message":"Your credit balance is too low"}}', "no_credit"],
  [429, "{}", "rate_limited"],
  [529, "{}", "failing"],
  [500, "<html>", "failing"],
  [200, "<html>hello</html>", "wrong_protocol"],
  [200, '{"hello":1}', "wrong_protocol"],
  [418, "", "wrong_protocol"],
] as const)("an answer of %i %s is %s", async (status, body, expected) => {
  const url = await serve((_request, response) => response.writeHead(status).end(body));
  expect(await ask("openai", url)).toMatchObject({ status: expected });
});

test("a redirect is not followed: the key stays here", async () => {
  const heard: unknown[] = [];
  const elsewhere = await serve((request, response) => {
    heard.push(request.headers);
    response.end('{"data":[]}');
  });
  const url = await serve((_request, response) => response.writeHead(307, { location: `${elsewhere}/models` }).end());
  expect(await ask("openai", url)).toMatchObject({ status: "redirected" });
  expect(heard).toEqual([]);
});

test("where nothing lists models, one named by hand is asked for one token", async () => {
  const asked: string[] = [];
  const url = await serve((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const isTurn = request.url === "/chat/completions";
    response.writeHead(isTurn ? 200 : 404).end(isTurn ? '{"choices":[]}' : "");
  });
  expect(await ask("openai", url)).toMatchObject({ status: "unlisted" });
  expect(await ask("openai", url, KEY, ["house-model"])).toMatchObject({ status: "ok", models: [{ id: "house-model" }] });
  expect(asked).toEqual(["GET /models", "GET /models", "POST /chat/completions"]);
});

test("silence is a timeout, also in the middle of an answer", async () => {
  const mute = await serve(() => {});
  const half = await serve((_request, response) => response.writeHead(200).write('{"data":['));
  for (const baseUrl of [mute, half]) {
    const verdict = await probe({ kind: "openai", baseUrl, key: KEY, named: [] }, { timeoutMs: 100 });
    expect(verdict).toMatchObject({ status: "timeout" });
  }
});

test("nobody there, no such host, and no encryption where some was expected", async () => {
  expect(await ask("openai", "http://127.0.0.1:9/v1")).toMatchObject({ status: "unreachable" });
  expect(await ask("openai", "http://no-such-host.invalid/v1")).toMatchObject({ status: "unreachable" });
  const plain = await serve((_request, response) => response.end("{}"));
  expect(await ask("openai", plain.replace("http:", "https:"))).toMatchObject({ status: "tls" });
});

test("a program that speaks no HTTP at all is not this protocol", async () => {
  const server = createTcpServer((socket) => socket.end("220 mail.example ESMTP\r\n"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => server.close());
  expect(await ask("openai", urlOf(server.address()))).toMatchObject({ status: "wrong_protocol" });
});

test("an endless listing is read to its limit only", async () => {
  let sent = 0;
  const url = await serve((_request, response) => {
    const chunk = Buffer.alloc(256 * 1024, 0x20);
    const more = (): void => {
      sent += chunk.length;
      if (!response.destroyed) response.write(chunk, more);
    };
    more();
  });
  expect(await ask("openai", url)).toMatchObject({ status: "wrong_protocol" });
  expect(sent).toBeLessThan(16 * 1024 * 1024);
});

test("servers of local models are found, without a key, and others are not offered", async () => {
  const fake = await startFakeOpenAI();
  cleanups.push(fake.close);
  const website = await serve((_request, response) => response.end("<html>"));
  const places = [
    { name: "Ollama", baseUrl: `${fake.url}/v1` },
    { name: "vLLM", baseUrl: `${website}/v1` },
    { name: "LM Studio", baseUrl: "http://127.0.0.1:9/v1" },
  ];
  const offers = await findLocal(places);
  expect(offers).toMatchObject([{ name: "Ollama", baseUrl: `${fake.url}/v1` }]);
  expect(offers[0]?.models.length).toBeGreaterThan(0);
  expect(fake.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
});
