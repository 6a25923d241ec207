/**
 * The feeder: a runner's WebSocket to the agent's room, for one claimed run. It holds the lease, keeps the order of what is
 * told, tells it again after a reconnect, and knows by the monotonic clock when the lease may be gone.
 */
import WebSocket from "ws";
import { assertNever } from "../../party/protocol/assert.ts";
import { type FeederAnswer, type FeederFrame, type JournalEntry, SOCKET_KIND_HEADER } from "../../party/protocol/internal.ts";
import { LIMITS } from "../../party/protocol/limits.ts";
import type { RunLive } from "../../party/protocol/run-events.ts";
import { type Claimed, FrameRefused, type Group, LeaseLost, type Release, type RoomPort } from "../runtimes/contract.ts";
import { readAnswer } from "./feeder-answers.ts";
import { pack } from "./frames.ts";
import type { Home } from "./home.ts";
import { LiveBuffer } from "./live-buffer.ts";

/** ms live items wait for more of their kind; the room merges again for its viewers */
const LIVE_WINDOW_MS = 16;
/** bytes not yet sent above which live items are dropped: durable frames come first */
const LIVE_BACKLOG_BYTES = 1024 * 1024;
/** ms between two tries to reach the room; it is on this machine, or restarting */
const RECONNECT_MIN_MS = 50;
const RECONNECT_MAX_MS = 1_000;
/** ms between two looks at the lease */
const WATCH_MS = 500;

/** What people said, as it reaches the run. */
export type Inbound = Extract<FeederAnswer, { type: "steer" | "decided" | "answered" | "interrupt" | "cancel" }>;

export type FeederOptions = {
  /** `ws://…/parties/agent/<room>`, as the api names it */
  url: string;
  home: Home;
  run: string;
  runner: string;
  fence: number;
  /** ms, monotonic */
  now(): number;
};

export type ClaimOutcome =
  | { kind: "claimed"; claimed: Claimed; journal: JournalEntry[] }
  | { kind: "refused"; code: string; message: string };

type Sent = {
  text: string;
  /** when it was last sent; undefined while there is no connection */
  sentAt: number | undefined;
  releases: boolean;
  resolve(): void;
  reject(error: Error): void;
};

type Phase = "claiming" | "held" | "lost" | "released";

export class Feeder implements RoomPort {
  readonly #options: FeederOptions;
  readonly #lost = new AbortController();
  readonly #live = new LiveBuffer();
  /** frames the room has not acknowledged, by number */
  readonly #unacked = new Map<number, Sent>();
  readonly #watch: NodeJS.Timeout;
  #phase: Phase = "claiming";
  #socket: WebSocket | undefined;
  /** the connection has a granted claim: frames may be sent */
  #open = false;
  #fence: number;
  #last = 0;
  /** what people said, until someone listens */
  #inbox: Inbound[] = [];
  #heard: ((message: Inbound) => void) | undefined;
  #journal: JournalEntry[] = [];
  #confirmedAt: number;
  #claimSentAt = 0;
  #renewSentAt: number | undefined;
  #renewDueAt: number;
  #tries = 0;
  #liveTimer: NodeJS.Timeout | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #claim: ((outcome: ClaimOutcome) => void) | undefined;

  constructor(options: FeederOptions) {
    this.#options = options;
    this.#fence = options.fence;
    this.#confirmedAt = options.now();
    this.#renewDueAt = options.now() + LIMITS.leaseRenewMs;
    this.#watch = setInterval(() => this.#tick(), WATCH_MS);
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Connects and claims the run. Call once. */
  claim(): Promise<ClaimOutcome> {
    return new Promise((resolve) => {
      this.#claim = resolve;
      this.#connect();
    });
  }

  /** Hands over what people say, in order, from the claim on. */
  listen(heard: (message: Inbound) => void): void {
    this.#heard = heard;
    const waiting = this.#inbox;
    this.#inbox = [];
    for (const message of waiting) heard(message);
  }

  held(): boolean {
    this.#checkLease();
    return this.#phase === "held";
  }

  commit(groups: readonly Group[], release?: Release): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!this.held()) return reject(new LeaseLost("the lease is gone"));
      const bodies = pack(groups, release);
      for (const group of groups) this.#live.observe(group.events);
      this.#flushLive();
      for (const [index, body] of bodies.entries()) {
        const isLast = index === bodies.length - 1;
        const n = this.#last + this.#unacked.size + 1;
        const frame: FeederFrame = { type: "events", fence: this.#fence, n, ...body };
        const sent: Sent = {
          text: JSON.stringify(frame),
          sentAt: undefined,
          releases: body.release !== undefined,
          resolve: isLast ? resolve : () => {},
          reject,
        };
        this.#unacked.set(n, sent);
        if (this.#open) this.#transmit(sent);
      }
    });
  }

  send(groups: readonly Group[]): void {
    // Whoever waits for a later frame learns of the loss; nobody waits for this one.
    this.commit(groups).catch(() => {});
  }

  live(item: RunLive): void {
    if (this.#phase !== "held") return;
    this.#live.add(item);
    this.#liveTimer ??= setTimeout(() => this.#flushLive(), LIVE_WINDOW_MS);
  }

  /** Leaves without a word: the lease ends by itself, or was released before. */
  close(): void {
    if (this.#phase === "released") this.#shut();
    else this.#lose("the runner stops");
  }

  #connect(): void {
    const { home } = this.#options;
    const url = home.room(this.#options.url);
    const headers = { ...home.headers("GET", url.pathname + url.search, ""), [SOCKET_KIND_HEADER]: "feeder" };
    const socket = new WebSocket(url, { headers, perMessageDeflate: false, handshakeTimeout: LIMITS.leaseRenewMs });
    this.#socket = socket;
    socket.on("open", () => {
      const { run, runner } = this.#options;
      this.#claimSentAt = this.#options.now();
      this.#journal = [];
      this.#write(socket, { type: "claim", run, runner, fence: this.#fence });
    });
    socket.on("message", (data) => {
      if (socket === this.#socket) this.#take(String(data));
    });
    // An error is always followed by `close`, which decides.
    socket.on("error", () => {});
    socket.on("close", () => {
      if (socket === this.#socket) this.#disconnected();
    });
  }

  #disconnected(): void {
    this.#socket = undefined;
    this.#open = false;
    this.#renewSentAt = undefined;
    if (this.#phase === "lost" || this.#phase === "released") return;
    const delay = Math.min(RECONNECT_MIN_MS * 2 ** this.#tries, RECONNECT_MAX_MS);
    this.#tries += 1;
    this.#retryTimer = setTimeout(() => this.#connect(), delay);
  }

  #take(text: string): void {
    const answer = readAnswer(text);
    if (!answer) {
      this.#lose("the room sent a frame this version does not know");
      return;
    }
    switch (answer.type) {
      case "journal":
        this.#journal.push(...answer.entries);
        break;
      case "claimed":
        this.#claimed(answer);
        break;
      case "refused":
        this.#claim?.({ kind: "refused", code: answer.code, message: answer.message });
        this.#claim = undefined;
        this.#lose(answer.message);
        break;
      case "ack":
        this.#acked(answer.n);
        break;
      case "renewed":
        if (this.#renewSentAt !== undefined) this.#confirmed(this.#renewSentAt);
        this.#renewSentAt = undefined;
        break;
      case "fenced":
        this.#lose("another runner has the run");
        break;
      case "nack":
        this.#nacked(answer);
        break;
      case "steer":
      case "decided":
      case "answered":
      case "interrupt":
      case "cancel":
        this.#hear(answer);
        break;
      default:
        assertNever(answer);
    }
  }

  #claimed(claimed: Claimed): void {
    const isFirst = this.#phase === "claiming";
    this.#phase = "held";
    this.#open = true;
    this.#tries = 0;
    this.#fence = claimed.fence;
    if (isFirst) this.#last = claimed.last;
    this.#confirmed(this.#claimSentAt);
    if (isFirst) {
      this.#claim?.({ kind: "claimed", claimed, journal: this.#journal });
      this.#claim = undefined;
      return;
    }
    for (const n of [...this.#unacked.keys()]) if (n <= claimed.last) this.#acked(n);
    for (const sent of this.#unacked.values()) this.#transmit(sent);
    this.#sendLive(this.#live.replay());
    for (const message of standingOf(claimed)) this.#hear(message);
  }

  #hear(message: Inbound): void {
    if (this.#heard) this.#heard(message);
    else this.#inbox.push(message);
  }

  #acked(n: number): void {
    const sent = this.#unacked.get(n);
    if (!sent) return;
    this.#unacked.delete(n);
    this.#last = n;
    if (sent.sentAt !== undefined) this.#confirmed(sent.sentAt);
    if (sent.releases) this.#released();
    sent.resolve();
  }

  /**
   * What follows a refused frame has a gap before it and is refused too; the next frame takes the number again. So a gap
   * after the first frame in flight is told of a frame that was given up already, and never of the one that has its number now.
   */
  #nacked({ n, code, message }: Extract<FeederAnswer, { type: "nack" }>): void {
    const [first] = this.#unacked.keys();
    if (!this.#unacked.has(n) || (code === "gap" && n !== first)) return;
    const refused = [...this.#unacked.values()];
    this.#unacked.clear();
    for (const sent of refused) sent.reject(new FrameRefused(code, message));
  }

  #transmit(sent: Sent): void {
    sent.sentAt = this.#options.now();
    this.#socket?.send(sent.text);
  }

  #flushLive(): void {
    clearTimeout(this.#liveTimer);
    this.#liveTimer = undefined;
    if (!this.#open || this.#live.isEmpty) return;
    this.#sendLive(this.#live.drain());
  }

  #sendLive(frames: RunLive[][]): void {
    const socket = this.#socket;
    if (!socket || socket.bufferedAmount > LIVE_BACKLOG_BYTES) return;
    for (const items of frames) this.#write(socket, { type: "live", fence: this.#fence, items });
  }

  #write(socket: WebSocket, frame: FeederFrame): void {
    socket.send(JSON.stringify(frame));
  }

  #tick(): void {
    this.#checkLease();
    const now = this.#options.now();
    if (!this.#open || !this.#socket || now < this.#renewDueAt) return;
    this.#renewDueAt = now + LIMITS.leaseRenewMs;
    // The oldest unanswered renewal counts: the room may have seen no later one.
    this.#renewSentAt ??= now;
    this.#write(this.#socket, { type: "renew" });
  }

  #confirmed(sentAt: number): void {
    this.#confirmedAt = Math.max(this.#confirmedAt, sentAt);
  }

  #checkLease(): void {
    if (this.#phase !== "claiming" && this.#phase !== "held") return;
    if (this.#options.now() - this.#confirmedAt < LIMITS.leaseSelfStopMs) return;
    this.#lose("the room has not confirmed the lease in time");
  }

  #lose(why: string): void {
    if (this.#phase === "lost" || this.#phase === "released") return;
    this.#phase = "lost";
    // Not `close`: the other side may be gone or frozen, and nothing more is to be said.
    this.#socket?.terminate();
    this.#shut();
    this.#claim?.({ kind: "refused", code: "unreachable", message: why });
    const error = new LeaseLost(why);
    const waiting = [...this.#unacked.values()];
    this.#unacked.clear();
    this.#lost.abort(error);
    for (const sent of waiting) sent.reject(error);
  }

  #released(): void {
    this.#phase = "released";
    this.#shut();
  }

  #shut(): void {
    this.#open = false;
    clearInterval(this.#watch);
    clearTimeout(this.#liveTimer);
    clearTimeout(this.#retryTimer);
    this.#socket?.close();
    this.#socket = undefined;
  }
}

/** What a reconnect may have missed, as messages; those that are known already change nothing. */
function standingOf(claimed: Claimed): Inbound[] {
  const messages: Inbound[] = [];
  for (const { id, by, text } of claimed.steers) messages.push({ type: "steer", steer: id, by, text });
  for (const { call, approval } of claimed.calls) {
    if (!approval?.decision) continue;
    const { id, decision, ...rest } = approval;
    messages.push({ type: "decided", call, approval: id, decision, ...rest });
  }
  for (const { id, answer } of claimed.questions) if (answer) messages.push({ type: "answered", question: id, ...answer });
  if (claimed.interrupted) messages.push({ type: "interrupt", by: { id: "", name: "a person", kind: "person" } });
  return messages;
}
