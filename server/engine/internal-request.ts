/** Signed requests of a run to the api on loopback. */
import { type IncomingMessage, request } from "node:http";
import { signRequest } from "../../party/protocol/sign.ts";

export type InternalApi = {
  /** `http://127.0.0.1:…`, the api's loopback address */
  internalUrl: string;
  secret: string;
  /** of the run */
  token: string;
};

export type Answer = { status: number; body: Record<string, unknown> };

/**
 * Sends JSON and reads JSON. `node:http` and not `fetch`: the runner stays several MiB smaller.
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
  { internalUrl, secret, token }: InternalApi,
  method: "GET" | "POST",
  path: string,
  body: string,
  timeoutMs: number,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = {
      ...signRequest(secret, method, path, body, Date.now()),
      authorization: `Bearer ${token}`,
      ...(method === "POST" && { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) }),
    };
    const sent = request(new URL(path, internalUrl), { method, headers, timeout: timeoutMs }, resolve);
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
