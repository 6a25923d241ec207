/** A real WebSocket server that speaks the feeder's frames, for tests of the runner's side of the wire. */
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { assertNever } from "../../../party/protocol/assert.ts";
import { type FeederAnswer, type FeederFrame, feederFrame, type JournalEntry } from "../../../party/protocol/internal.ts";
import type { RunLive } from "../../../party/protocol/run-events.ts";
import { verifyRequest } from "../../../party/protocol/sign.ts";
import type { Claimed } from "../../runtimes/contract.ts";
import { ANA, CONFIG, RUN } from "./recording-room.ts";

type EventsFrame = Extract<FeederFrame, { type: "events" }>;

export const SECRET = "a secret of tests";

/** The port of a server that listens on TCP. */
export function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("the server does not listen on a port");
  return address.port;
}

export class RoomServer {
  /** frames as stored: each number once */
  readonly stored: EventsFrame[] = [];
  readonly live: RunLive[] = [];
  claims = 0;
  renewals = 0;
  /** answers nothing but claims while false */
  answering = true;
  /** frames of these numbers are refused */
  refuse = new Set<number>();
  journal: JournalEntry[] = [];
  claimed: Partial<Claimed> = {};
  refusal: Extract<FeederAnswer, { type: "refused" }> | undefined;
  readonly #server: WebSocketServer;
  #socket: WebSocket | undefined;
  #waiting: { until: () => boolean; resolve: () => void }[] = [];

  private constructor(server: WebSocketServer) {
    this.#server = server;
    server.on("connection", (socket, request) => this.#serve(socket, request));
  }

  static async listen(): Promise<RoomServer> {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    await new Promise((resolve) => server.once("listening", resolve));
    return new RoomServer(server);
  }

  get url(): string {
    return `ws://127.0.0.1:${portOf(this.#server.address())}/parties/agent/${CONFIG.id}`;
  }

  get last(): number {
    return this.stored.at(-1)?.n ?? 0;
  }

  tell(answer: FeederAnswer): void {
    this.#socket?.send(JSON.stringify(answer));
  }

  /** The connection breaks. */
  cut(): void {
    this.#socket?.terminate();
  }

  when(until: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ until, resolve });
      this.#look();
    });
  }

  async close(): Promise<void> {
    for (const client of this.#server.clients) client.terminate();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: WebSocket, request: IncomingMessage): void {
    const header = (name: string) => {
      const value = request.headers[name];
      return typeof value === "string" ? value : undefined;
    };
    const isSigned = verifyRequest(SECRET, "GET", request.url ?? "", "", header, Date.now());
    if (!isSigned || header("x-atrium-socket") !== "feeder") {
      socket.terminate();
      return;
    }
    this.#socket = socket;
    socket.on("message", (data) => {
      this.#take(feederFrame.parse(JSON.parse(String(data))));
      this.#look();
    });
  }

  #take(frame: FeederFrame): void {
    switch (frame.type) {
      case "claim":
        this.claims += 1;
        if (!this.refusal) for (const entry of this.journal) this.tell({ type: "journal", entries: [entry] });
        this.tell(this.refusal ?? { ...this.#grant(frame.fence), ...this.claimed });
        break;
      case "renew":
        this.renewals += 1;
        if (this.answering) this.tell({ type: "renewed" });
        break;
      case "live":
        this.live.push(...frame.items);
        break;
      case "events":
        this.#store(frame);
        break;
      default:
        assertNever(frame);
    }
  }

  #store(frame: EventsFrame): void {
    const { n } = frame;
    if (this.refuse.has(n) || n > this.last + 1) {
      this.tell({ type: "nack", n, code: n > this.last + 1 ? "gap" : "invalid", message: "refused" });
      return;
    }
    if (n === this.last + 1) this.stored.push(frame);
    if (this.answering) this.tell({ type: "ack", n, seq: n });
    if (this.answering && frame.release) this.#socket?.close(1000, "released");
  }

  #grant(fence: number): Claimed {
    return {
      type: "claimed",
      fence,
      last: this.last,
      run: {
        id: RUN,
        title: "Test",
        subject: { kind: "none" },
        by: ANA,
        prompts: [{ by: ANA, text: "@say hello", via: "prompt" }],
        attempt: 1,
        ranMs: 0,
      },
      config: CONFIG,
      calls: [],
      questions: [],
      steers: [],
      openBlocks: [],
      interrupted: false,
    };
  }

  #look(): void {
    const ready = this.#waiting.filter(({ until }) => until());
    this.#waiting = this.#waiting.filter((one) => !ready.includes(one));
    for (const { resolve } of ready) resolve();
  }
}
