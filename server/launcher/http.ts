/** Requests of the launcher over loopback, at little memory. */

// Not by `import`: that reads every export of the module, and those for WebSocket and fetch load 13 MiB behind them.
const { request } = process.getBuiltinModule("node:http");

export interface Call {
  method: "GET" | "POST";
  headers?: Record<string, string>;
  body?: string;
  /** ms for the whole exchange; a process that shuts down may accept and never answer */
  timeoutMs: number;
}

/** The status of the answer, whose body is dropped. Rejects when there is none in time. */
export function call(url: string, { method, headers, body, timeoutMs }: Call): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method,
      headers: { ...headers, connection: "close" },
      signal: AbortSignal.timeout(timeoutMs),
    });
    outgoing.once("error", reject);
    outgoing.once("response", (answer) => {
      answer.once("error", reject);
      answer.once("end", () => resolve(answer.statusCode ?? 0));
      answer.resume();
    });
    outgoing.end(body);
  });
}
