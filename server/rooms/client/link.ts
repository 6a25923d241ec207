/** One ordered WebSocket to one room: opened when there is something to say, closed when idle, opened again when it breaks. */
import type { Logger } from "pino";
import { WebSocket } from "ws";
import { assertNever } from "../../../party/protocol/assert.ts";
import { linkAnswers, type OpAnswer } from "../../../party/protocol/internal.ts";
import { CLOSE } from "../../../party/protocol/limits.ts";
import { backoffMs } from "./backoff.ts";
import { LinkQueue, type Outgoing } from "./link-queue.ts";

/** ms without traffic after which a link is closed: a room sleeps only without it */
const IDLE_MS = 60_000;
/** ms; a room that leaves a frame unanswered for longer hangs, and its socket is replaced */
const FRAME_ANSWER_MS = 10_000;
/** ms to reach an open socket; rooms answer in single milliseconds, so more is a hang */
const OPEN_MS = 4_000;
/** ms between attempts; short, because rooms are back within a second of a crash */
const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 5_000;
/** HTTP status of a purged room's tombstone */
const GONE = 410;

export type LinkHooks = {
  url: string;
  /** headers of the upgrade, signed at the moment of use */
  headers(): Record<string, string>;
  log: Logger;
  now(): number;
  /** asks for one of the limited sockets; false: wait until `proceed` is called */
  acquire(link: Link): boolean;
  release(link: Link): void;
  /** everything is answered: a link that waits for a socket may have this one */
  rested(link: Link): void;
  /** a socket opened: others that back off may try at once */
  opened(link: Link): void;
};

type State =
  | { kind: "closed" }
  | { kind: "queuing" }
  | { kind: "connecting"; socket: WebSocket; since: number }
  | { kind: "open"; socket: WebSocket }
  | { kind: "backing-off"; timer: NodeJS.Timeout }
  /** the room refused rows for the moment: the socket stays, nothing is sent until the timer */
  | { kind: "paused"; socket: WebSocket; timer: NodeJS.Timeout };

export class Link {
  readonly #hooks: LinkHooks;
  readonly #queue = new LinkQueue();
  #state: State = { kind: "closed" };
  #attempt = 0;
  #usedAt: number;
  #flushing = false;
  #ended = false;

  constructor(hooks: LinkHooks) {
    this.#hooks = hooks;
    this.#usedAt = hooks.now();
  }

  get usedAt(): number {
    return this.#usedAt;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /** True when the link holds a socket but has nothing to say. */
  get idle(): boolean {
    return this.#state.kind === "open" && this.#queue.size === 0;
  }

  get backingOff(): boolean {
    return this.#state.kind === "backing-off";
  }

  /** True when neither a socket nor an item is left: the link may be forgotten. */
  get spent(): boolean {
    return this.#state.kind === "closed" && this.#queue.size === 0;
  }

  /** Sends an item behind everything before it. An item that can never fit is refused at once. */
  push(entry: Outgoing): void {
    if (this.#ended) {
      entry.settle(away("The server is stopping."));
    } else if (this.#queue.push(entry)) {
      this.#usedAt = this.#hooks.now();
      this.#scheduleFlush();
    } else {
      entry.settle(refusal("too_large", "This is too large for a room."));
    }
  }

  /** What comes in during one turn of the event loop shares a frame. */
  #scheduleFlush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    switch (this.#state.kind) {
      case "open": {
        for (let frame = this.#queue.take(this.#hooks.now()); frame; frame = this.#queue.take(this.#hooks.now())) {
          this.#state.socket.send(frame);
        }
        return;
      }
      case "closed":
        if (this.#queue.size > 0 && !this.#ended) this.#connect();
        return;
      case "queuing":
      case "connecting":
      case "backing-off":
      case "paused":
        return;
      default:
        assertNever(this.#state);
    }
  }

  /** A socket is free, or rooms were seen alive: tries now instead of later. */
  proceed(): void {
    if (this.#state.kind === "backing-off") clearTimeout(this.#state.timer);
    else if (this.#state.kind !== "queuing") return;
    this.#state = { kind: "closed" };
    this.#flush();
  }

  #connect(): void {
    if (!this.#hooks.acquire(this)) {
      this.#state = { kind: "queuing" };
      return;
    }
    const socket = new WebSocket(this.#hooks.url, { headers: this.#hooks.headers(), perMessageDeflate: false });
    this.#state = { kind: "connecting", socket, since: this.#hooks.now() };
    socket.on("open", () => this.#opened(socket));
    socket.on("message", (data) => this.#received(socket, String(data)));
    socket.on("unexpected-response", (request, response) => {
      request.destroy();
      if (response.statusCode === GONE) this.#gone();
      this.#lost(socket, `HTTP ${response.statusCode}`);
    });
    socket.on("error", (error) => this.#lost(socket, error.message));
    socket.on("close", (code) => this.#lost(socket, `closed with ${code}`));
  }

  #opened(socket: WebSocket): void {
    if (this.#state.kind !== "connecting" || this.#state.socket !== socket) return;
    this.#state = { kind: "open", socket };
    this.#hooks.opened(this);
    this.#flush();
  }

  #received(socket: WebSocket, data: string): void {
    if ((this.#state.kind !== "open" && this.#state.kind !== "paused") || this.#state.socket !== socket) return;
    const answers = parseAnswers(data);
    if (!answers) {
      this.#fail(socket, "an answer that is not a frame of the link");
      return;
    }
    this.#usedAt = this.#hooks.now();
    if (this.#queue.answer(answers).again) {
      this.#pause(socket);
    } else {
      this.#attempt = 0;
      this.#flush();
      if (this.#queue.size === 0) this.#hooks.rested(this);
    }
  }

  #pause(socket: WebSocket): void {
    if (this.#state.kind === "paused") return;
    const timer = setTimeout(() => {
      this.#state = { kind: "open", socket };
      this.#flush();
    }, this.#nextWait());
    this.#state = { kind: "paused", socket, timer };
  }

  #nextWait(): number {
    return backoffMs(this.#attempt++, RETRY_MIN_MS, RETRY_MAX_MS, Math.random());
  }

  /** The room was purged and says so for good: nobody waits for it. */
  #gone(): void {
    for (const entry of this.#queue.drain()) entry.settle(refusal("gone", "This room no longer exists."));
  }

  #fail(socket: WebSocket, why: string): void {
    this.#lost(socket, why);
    socket.terminate();
  }

  #lost(socket: WebSocket, why: string): void {
    const state = this.#state;
    if (!("socket" in state) || state.socket !== socket) return;
    if (state.kind === "paused") clearTimeout(state.timer);
    this.#state = { kind: "closed" };
    this.#queue.disconnected();
    this.#hooks.release(this);
    if (this.#queue.size === 0 || this.#ended) return;
    if (this.#attempt === 0) this.#hooks.log.warn({ url: this.#hooks.url, why }, "a room's link broke, connecting again");
    this.#state = { kind: "backing-off", timer: setTimeout(() => this.proceed(), this.#nextWait()) };
  }

  /** Regular housekeeping: expired callers, hanging sockets, idle sockets. */
  tick(now: number): void {
    for (const entry of this.#queue.expire(now))
      entry.settle(away("The workspace's rooms do not answer. Try again in a moment."));
    const state = this.#state;
    const sentAt = this.#queue.oldestSentAt;
    if (state.kind === "connecting" && now - state.since > OPEN_MS) this.#fail(state.socket, "no answer to the upgrade");
    else if (state.kind === "open" && sentAt !== undefined && now - sentAt > FRAME_ANSWER_MS)
      this.#fail(state.socket, "no answer");
    else if (this.idle && now - this.#usedAt > IDLE_MS) this.evict();
  }

  /** Closes an idle socket; the next item opens another. */
  evict(): void {
    if (this.#state.kind !== "open" || this.#queue.size > 0) return;
    const { socket } = this.#state;
    this.#state = { kind: "closed" };
    socket.close(CLOSE.done);
    this.#hooks.release(this);
  }

  /** Ends the link: callers hear that rooms are away, rows stay in the table. */
  end(): void {
    this.#ended = true;
    const state = this.#state;
    if (state.kind === "backing-off" || state.kind === "paused") clearTimeout(state.timer);
    this.#state = { kind: "closed" };
    for (const entry of this.#queue.drain()) if (entry.kind === "ask") entry.settle(away("The server is stopping."));
    if ("socket" in state) {
      state.socket.terminate();
      this.#hooks.release(this);
    }
  }
}

function parseAnswers(data: string): OpAnswer[] | undefined {
  try {
    const parsed = linkAnswers.safeParse(JSON.parse(data));
    return parsed.success ? parsed.data.items : undefined;
  } catch {
    return undefined;
  }
}

function refusal(code: string, message: string): OpAnswer {
  return { n: 0, ok: false, code, message, retryable: false };
}

function away(message: string): OpAnswer {
  return { n: 0, ok: false, code: "rooms_away", message, retryable: true };
}
