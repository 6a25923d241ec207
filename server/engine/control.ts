/** The runner's control socket to the api: says what it is and what it runs, and is offered runs. Reconnects for ever. */
import WebSocket from "ws";
import type { RunnerCommand, RunnerFrame } from "../../party/protocol/internal.ts";
import { LIMITS } from "../../party/protocol/limits.ts";
import type { Home } from "./home.ts";

const CONTROL_PATH = "/internal/runner";
/** ms between two signs of life; the api gives no run to a runner that is quiet for three of them */
const BEAT_MS = 5_000;
/** ms between two tries; the api is on this machine, or restarting */
const RECONNECT_MIN_MS = 50;
const RECONNECT_MAX_MS = 1_000;

export type ControlOptions = {
  home: Home;
  /** what to say first, at each connection */
  hello(): Extract<RunnerFrame, { type: "hello" }>;
  offered(command: RunnerCommand): void;
  /** the api has taken this runner in for the first time */
  connected(): void;
};

export class Control {
  readonly #options: ControlOptions;
  readonly #beat: NodeJS.Timeout;
  #socket: WebSocket | undefined;
  #retry: NodeJS.Timeout | undefined;
  #tries = 0;
  #complained = false;
  #closed = false;
  #wasConnected = false;

  constructor(options: ControlOptions) {
    this.#options = options;
    this.#beat = setInterval(() => this.send({ type: "beat" }), BEAT_MS);
    this.#connect();
  }

  /** Says something if the api is there; after a reconnect `hello` says the whole. */
  send(frame: RunnerFrame): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#beat);
    clearTimeout(this.#retry);
    this.#socket?.terminate();
  }

  #connect(): void {
    const { home, hello, offered, connected } = this.#options;
    const headers = home.headers("GET", CONTROL_PATH, "");
    const socket = new WebSocket(home.url(CONTROL_PATH, "ws"), {
      headers,
      perMessageDeflate: false,
      handshakeTimeout: BEAT_MS,
      maxPayload: LIMITS.internalFrameBytes,
    });
    this.#socket = socket;
    socket.on("open", () => {
      this.#tries = 0;
      this.#complained = false;
      this.send(hello());
      if (!this.#wasConnected) connected();
      this.#wasConnected = true;
    });
    socket.on("message", (data) => {
      const command = readCommand(String(data));
      if (command) offered(command);
      else console.error("the api sent a command this version does not know");
    });
    socket.on("error", (error) => {
      // `close` follows and tries again; only the first failure in a row is worth a line.
      if (!this.#complained && !this.#closed) console.error(`the api cannot be reached (${error.message}); trying again`);
      this.#complained = true;
    });
    socket.on("close", () => {
      if (this.#closed) return;
      const delay = Math.min(RECONNECT_MIN_MS * 2 ** this.#tries, RECONNECT_MAX_MS);
      this.#tries += 1;
      this.#retry = setTimeout(() => this.#connect(), delay);
    });
  }
}

const COMMAND_TEXTS = ["run", "agent", "company", "token", "feeder"] as const;

/**
 * A command of the api; undefined for anything else. By hand and without zod: an idle runner loads no schemas, which
 * keeps it below 30 MiB.
 */
export function readCommand(text: string): RunnerCommand | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(value));
  if (fields.get("type") !== "start") return undefined;
  const [run, agent, company, token, feeder] = COMMAND_TEXTS.map((name) => fields.get(name));
  const generation = fields.get("generation");
  const fence = fields.get("fence");
  if (!isText(run) || !isText(agent) || !isText(company) || !isText(token) || !isText(feeder)) return undefined;
  if (!isCount(generation) || !isCount(fence) || !URL.canParse(feeder)) return undefined;
  // Ids become folder names.
  if (![run, agent, company].every((id) => /^[\w-]{1,64}$/.test(id))) return undefined;
  return { type: "start", run, agent, company, generation, fence, token, feeder };
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
