/** One HTTP client for tests and load: connections stay open, and little time is spent on our own side. */
import { Agent, type IncomingHttpHeaders, request } from "node:http";

export type HttpAnswer = { status: number; headers: IncomingHttpHeaders; text: string };
export type HttpRequest = { method: string; path: string; headers?: Record<string, string>; body?: string; timeoutMs?: number };

/** ms; above every time limit of the server, so that its answer is what is seen */
const TIMEOUT_MS = 20_000;

export class HttpClient {
  readonly base: URL;
  readonly #agent: Agent;

  /** @param sockets connections at most */
  constructor(base: string, sockets = 64) {
    this.base = new URL(base);
    this.#agent = new Agent({ keepAlive: true, maxSockets: sockets, noDelay: true });
  }

  /** Rejects when there is no answer; every status is an answer. */
  send({ method, path, headers, body, timeoutMs = TIMEOUT_MS }: HttpRequest): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          agent: this.#agent,
          host: this.base.hostname,
          port: this.base.port,
          method,
          path,
          headers: {
            ...headers,
            ...(body !== undefined && { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
          },
          timeout: timeoutMs,
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
          incoming.on("error", reject);
          incoming.on("end", () =>
            resolve({
              status: incoming.statusCode ?? 0,
              headers: incoming.headers,
              text: Buffer.concat(chunks).toString("utf8"),
            }),
          );
        },
      );
      outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer to ${method} ${path} within ${timeoutMs} ms`)));
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
