/** What the fakes of every provider share: a real HTTP server that records what it was sent and can break what it sends. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { type Asked, type Brain, type Fault, playBrain, type ReportedUsage, type Said, type Spoken } from "./brain.ts";

/** requests kept */
const KEPT = 2_000;
/** characters per token, roughly, where a script reports no usage */
const TOKEN_CHARS = 4;

export type Json = Record<string, unknown>;

export type FakeRequest = {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** as JSON; empty without a body */
  body: Json;
  /** the client went before the answer was whole */
  aborted: boolean;
  /** ms, monotonic: when the whole request was here, when each event of the answer was written, and when it ended */
  at: number;
  writtenAt: number[];
  endedAt: number | undefined;
};

export type FakeOptions = {
  port?: number;
  /** the only key that is accepted; without one every key is, and none at all */
  key?: string;
  /** keys that were taken back */
  revoked?: readonly string[];
  brain?: Brain;
  /** models that exist: asking for another is an error; without a list every name is taken */
  models?: readonly string[];
};

export type FakeModelServer = {
  readonly url: string;
  readonly port: number;
  readonly requests: FakeRequest[];
  /** requests for an answer, oldest first */
  turns(): FakeRequest[];
  /** takes another brain from the next request on */
  think(brain: Brain): void;
  close(): Promise<void>;
};

/** One event of a stream as bytes on the wire. */
export type Frame = { text: string };

export type Protocol = {
  name: string;
  /** models listed when the test names none */
  defaultModels: readonly string[];
  keyOf(request: FakeRequest): string | undefined;
  isTurn(request: FakeRequest): boolean;
  asked(request: FakeRequest): Omit<Asked, "before">;
  /** everything but a turn: lists of models, counts of tokens */
  other(request: FakeRequest, models: readonly string[]): Json | undefined;
  error(status: number, code: string | undefined, message: string): Json;
  /** the whole stream of an answer; the pieces of texts are cut by `chunks` */
  frames(spoken: Spoken, request: FakeRequest, usage: ReportedUsage, chunks: number): Frame[];
  /** an error after the stream began */
  errorFrame(code: string, message: string): Frame;
  end: string;
};

export async function startFake(protocol: Protocol, options: FakeOptions): Promise<FakeModelServer> {
  const { key, revoked = [], models } = options;
  const requests: FakeRequest[] = [];
  let brain = options.brain ?? playBrain;
  let turns = 0;

  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await readRequest(incoming);
    requests.push(request);
    if (requests.length > KEPT) requests.shift();
    response.on("close", () => {
      request.aborted = !response.writableFinished;
    });
    const refuse = (status: number, code: string | undefined, message: string, headers = {}): void =>
      sendJson(response, status, protocol.error(status, code, message), headers);
    const given = protocol.keyOf(request);
    if (given !== undefined && revoked.includes(given)) return refuse(403, "revoked", `key ${given} was revoked`);
    // A real provider quotes the end of the key; a fake quotes all of it, so that a test can hold that it goes nowhere.
    if (key !== undefined && given !== key) return refuse(401, "auth", `invalid key ${given ?? ""}`);
    if (!protocol.isTurn(request)) {
      const answer = protocol.other(request, models ?? protocol.defaultModels);
      return answer ? sendJson(response, 200, answer) : refuse(404, undefined, `no such path: ${request.path}`);
    }
    const asked = { ...protocol.asked(request), before: turns++ };
    if (models && !models.includes(asked.model)) return refuse(404, "model", `model: ${asked.model}`);
    const answer = await brain(asked);
    if ("refuse" in answer) {
      const { status, code, message = `fake ${status}`, headers = {}, body } = answer.refuse;
      if (body === undefined) return refuse(status, code, message, headers);
      response.writeHead(status, headers).end(body);
      return;
    }
    await stream(protocol, response, request, answer);
  };

  const server = createServer((incoming, response) => {
    serve(incoming, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, protocol.error(500, undefined, String(error)));
    });
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    turns: () => requests.filter((request) => protocol.isTurn(request)),
    think(next) {
      brain = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function stream(protocol: Protocol, response: ServerResponse, request: FakeRequest, spoken: Spoken): Promise<void> {
  const { fault, pace } = spoken;
  const usage = spoken.usage ?? estimated(request, spoken.says);
  const frames = protocol.frames(spoken, request, usage, pace?.chunks ?? 3);
  // A fault always comes before the end.
  const until = fault ? Math.min(fault.after ?? 1, frames.length - 1) : frames.length;
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  for (const frame of frames.slice(0, until)) {
    if (response.destroyed) return;
    request.writtenAt.push(performance.now());
    response.write(frame.text);
    if (pace && pace.ms > 0) await pause(pace.ms);
  }
  if (fault) return await fail(protocol, response, fault);
  response.end(protocol.end);
  request.endedAt = performance.now();
}

async function fail(protocol: Protocol, response: ServerResponse, fault: Fault): Promise<void> {
  switch (fault.kind) {
    case "cut":
      // What was written leaves first: a cut is not the loss of what came before it.
      await new Promise<void>((resolve) => response.write("", () => resolve()));
      response.destroy();
      return;
    case "silent":
      return;
    case "error":
      response.end(protocol.errorFrame(fault.code, fault.message).text);
      return;
    case "malformed":
      response.end(fault.text);
      return;
  }
}

function estimated(request: FakeRequest, said: readonly Said[]): ReportedUsage {
  const text = said.map((one) => (one.kind === "tool" ? one.name + one.input : one.text)).join("");
  return { input: tokens(JSON.stringify(request.body)), output: tokens(text) };
}

/** Tokens of a text, roughly. */
export function tokens(text: string): number {
  return Math.max(1, Math.ceil(text.length / TOKEN_CHARS));
}

let made = 0;
/** An id that no other answer of this process has. */
export function fakeId(prefix: string): string {
  made += 1;
  return `${prefix}_fake${String(made).padStart(6, "0")}`;
}

/** How the answer ended, as far as the script does not say. */
export function stopOf({ stop, says }: Spoken): NonNullable<Spoken["stop"]> {
  return stop ?? (says.some(({ kind }) => kind === "tool") ? "tools" : "end");
}

export function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The records of a list; nothing of anything else. */
export function records(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

async function readRequest(incoming: IncomingMessage): Promise<FakeRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  const { pathname, searchParams } = new URL(incoming.url ?? "/", "http://fake");
  const written = Buffer.concat(chunks).toString("utf8");
  const body: unknown = written ? JSON.parse(written) : {};
  return {
    method: incoming.method ?? "GET",
    path: pathname,
    query: searchParams,
    headers: incoming.headers,
    body: isRecord(body) ? body : {},
    aborted: false,
    at: performance.now(),
    writtenAt: [],
    endedAt: undefined,
  };
}

function sendJson(response: ServerResponse, status: number, body: Json, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}
