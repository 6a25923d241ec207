/** A runner's socket to an agent's room, as thin as it can be: a test says each frame. */
import WebSocket from "ws";
import { type FeederAnswer, type FeederFrame, roomPath } from "../../../party/protocol/internal.ts";
import type { RunEvent } from "../../../party/protocol/run-events.ts";
import { signRequest } from "../../../party/protocol/sign.ts";
import { until } from "../../harness/until.ts";
import { ROOMS_SECRET, type Rooms } from "./rooms.ts";
import { CLIENT } from "./viewer.ts";

type Claimed = Extract<FeederAnswer, { type: "claimed" }>;
type EventsFrame = Extract<FeederFrame, { type: "events" }>;
/** `Omit` that keeps a union a union. */
type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
export type NewEvent = Without<RunEvent, "v" | "run" | "src">;

export class Feeder {
  readonly socket: WebSocket;
  readonly answers: FeederAnswer[] = [];
  readonly run: string;
  readonly runner: string;
  readonly fence: number;
  closed: { code: number; reason: string } | undefined;
  #n = 0;

  private constructor(socket: WebSocket, run: string, runner: string, fence: number) {
    this.socket = socket;
    this.run = run;
    this.runner = runner;
    this.fence = fence;
    socket.on("message", (data) => this.answers.push(JSON.parse(String(data))));
    socket.on("close", (code, reason) => {
      this.closed = { code, reason: String(reason) };
    });
    socket.on("error", () => undefined);
  }

  static async open(rooms: Rooms, agent: string, run: string, runner: string, fence: number): Promise<Feeder> {
    const path = roomPath("agent", agent);
    const headers = { ...signRequest(ROOMS_SECRET, "GET", path, "", Date.now()), "x-atrium-socket": "feeder" };
    const socket = new WebSocket(rooms.url.replace("http", "ws") + path, {
      headers,
      ...CLIENT,
    });
    await new Promise((done, failed) => socket.once("open", done).once("error", failed));
    return new Feeder(socket, run, runner, fence);
  }

  async claim(): Promise<Claimed> {
    this.send({ type: "claim", run: this.run, runner: this.runner, fence: this.fence });
    const answer = await this.answer("claimed", "refused");
    if (answer.type !== "claimed") throw new Error(`refused: ${JSON.stringify(answer)}`);
    this.#n = answer.last;
    return answer;
  }

  send(frame: FeederFrame): void {
    this.socket.send(JSON.stringify(frame));
  }

  event(event: NewEvent): RunEvent {
    // A union member plus the envelope is that member of the envelope's union.
    return { v: 1, run: this.run, src: { runtime: "native" }, ...event } as RunEvent;
  }

  /** Sends events and does not wait. @returns the frame's number */
  post(events: NewEvent[], extra: Partial<EventsFrame> = {}): number {
    this.#n += 1;
    this.send({ type: "events", fence: this.fence, n: this.#n, events: events.map((event) => this.event(event)), ...extra });
    return this.#n;
  }

  /** Sends events and waits for the room's acknowledgement. */
  async commit(events: NewEvent[], extra: Partial<EventsFrame> = {}): Promise<number> {
    const n = this.post(events, extra);
    const answer = await until(`the acknowledgement of frame ${n}`, () =>
      this.answers.find(
        (one) => ("n" in one && one.n === n && (one.type === "ack" || one.type === "nack")) || one.type === "fenced",
      ),
    );
    if (answer.type !== "ack") throw new Error(JSON.stringify(answer));
    return answer.seq;
  }

  live(items: Extract<FeederFrame, { type: "live" }>["items"]): void {
    this.send({ type: "live", fence: this.fence, items });
  }

  async answer<T extends FeederAnswer["type"]>(...types: T[]): Promise<Extract<FeederAnswer, { type: T }>> {
    const wanted: readonly string[] = types;
    const is = (answer: FeederAnswer): answer is Extract<FeederAnswer, { type: T }> => wanted.includes(answer.type);
    return until(`an answer ${types.join(" or ")}`, () => this.answers.find(is));
  }
}
