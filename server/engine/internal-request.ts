/** Requests of a run to the api of its instance. */
import type { IncomingMessage } from "node:http";
import type { Home } from "./home.ts";

export type InternalApi = {
  home: Home;
  /** of the run */
  token: string;
};

export type Answer = { status: number; body: Record<string, unknown> };

/**
 * Sends JSON and reads JSON.
 * @param timeoutMs without a word from the api
 * @throws when there is no answer; every status is an answer
 */
export async function postJson(api: InternalApi, path: string, body: object, timeoutMs: number): Promise<Answer> {
  const response = await send(api, "POST", path, JSON.stringify(body), timeoutMs);
  return { status: response.statusCode ?? 500, body: readRecord((await bytesOf(response)).toString("utf8")) };
}

/** Asks for something that is read as it comes. @throws when there is no answer; every status is an answer */
export function getStream(api: InternalApi, path: string, timeoutMs: number): Promise<IncomingMessage> {
  return send(api, "GET", path, "", timeoutMs);
}

function send(
  { home, token }: InternalApi,
  method: "GET" | "POST",
  path: string,
  body: string,
  timeoutMs: number,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = {
      ...home.headers(method, path, body),
      authorization: `Bearer ${token}`,
      ...(method === "POST" && { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) }),
    };
    const sent = home.request(home.url(path), { method, headers, timeout: timeoutMs }, resolve);
    sent.on("timeout", () => sent.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    sent.on("error", reject);
    sent.end(body);
  });
}

async function bytesOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function readRecord(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
