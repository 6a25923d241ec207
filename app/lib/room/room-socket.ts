import { assertNever } from "../../../party/protocol/assert.ts";
import type { Hello, PresenceEntry, PresenceUpdate, RoomTypes, ServerFrame } from "../../../party/protocol/frames.ts";
import { CLOSE, PROTOCOL_VERSION } from "../../../party/protocol/limits.ts";
import type { Party } from "../../../party/protocol/tickets.ts";
import { backoff } from "./backoff.ts";
import { CommandRefused, mergePresence, readFrame } from "./frames.ts";
import { type CommandAnswer, type CommandOf, CommandOutbox, type Outgoing } from "./outbox.ts";
import type { Refusal, RoomSink, RoomStatus } from "./status.ts";
import { Timers } from "./timers.ts";
import type { RoomDeps, TicketAnswer, Wire } from "./wire.ts";

/** ms between heartbeats; below the minute after which proxies drop an idle socket */
const PING_EVERY_MS = 25_000;
/** ms without an answer after which the socket counts as dead */
const PONG_WITHIN_MS = 5_000;
/** frames, and ms, after which the room hears how far we have read */
const SEEN_FRAMES = 64;
const SEEN_MS = 2_000;

/** Stands for a socket that died without a close frame. */
const NO_CODE = 1006;

/**
 * The connection of one viewer to one room: ticket, hello, snapshot or tail, then live; back-off, heartbeat, resume by cursor,
 * commands that survive a reconnect. A plain state machine; network, time and randomness are passed in.
 */
export class RoomSocket<P extends Party> {
  readonly #party: P;
  readonly #room: string;
  readonly #deps: RoomDeps;
  readonly #sink: RoomSink<P>;
  readonly #outbox: CommandOutbox<P>;
  readonly #timers: Timers<"retry" | "ping" | "pong" | "seen">;

  #status: RoomStatus = { kind: "idle" };
  #wire: Wire | undefined;
  /** raised with every attempt, so that late answers of an abandoned one are ignored */
  #attemptId = 0;
  #failures = 0;
  /** false until a connection got as far as live; a code that says "at once" is believed once per such success */
  #mayHurry = true;
  #minimumWaitMs = 0;

  #epoch: string | undefined;
  #cursor = 0;
  #head = 0;
  #clockOffsetMs = 0;
  #parts: string[] = [];
  #people: readonly PresenceEntry[] = [];
  #presence: PresenceUpdate = {};
  #everLive = false;
  #awaySince: number;
  #missed = 0;
  #unseenFrames = 0;

  constructor(party: P, room: string, deps: RoomDeps, sink: RoomSink<P>) {
    this.#party = party;
    this.#room = room;
    this.#deps = deps;
    this.#sink = sink;
    this.#awaySince = deps.now();
    this.#timers = new Timers(deps.after);
    this.#outbox = new CommandOutbox<P>((frame) => this.#send(frame));
  }

  get status(): RoomStatus {
    return this.#status;
  }

  /** Connects, or connects again after a refusal. */
  start(): void {
    if (this.#wire || this.#status.kind === "connecting") return;
    this.#failures = 0;
    void this.#connect();
  }

  /**
   * The network changed, or a person looks again: tries at once when it is waiting, and asks at once whether the other side
   * is still there when it believes so. A lost network closes no socket by itself.
   */
  nudge(): void {
    const { kind } = this.#status;
    if (kind === "waiting") void this.#connect();
    else if ((kind === "live" || kind === "catching_up") && !this.#timers.has("pong")) this.#ping();
  }

  /** Leaves the room for good. Unanswered commands are refused. */
  stop(): void {
    this.#attemptId++;
    this.#dropWire();
    this.#timers.cancel("retry");
    this.#outbox.refuseAll(
      new CommandRefused({ code: "left", message: "You left the room before it answered.", retryable: true }),
    );
    this.#become({ kind: "idle" });
  }

  /**
   * Asks the room to do something. Resolves with the room's answer, also when a reconnect lies between.
   * @throws {CommandRefused} when the room refuses, or at once while there is no connection: nothing is queued silently.
   */
  command(command: CommandOf<P>): Promise<CommandAnswer> {
    if (this.#status.kind !== "live" && this.#status.kind !== "catching_up") {
      return Promise.reject(
        new CommandRefused({
          code: "offline",
          message: "There is no connection, so nothing was sent. Try again when it is back.",
          retryable: true,
        }),
      );
    }
    return this.#outbox.add(this.#deps.commandId(), command, this.#deps.now() + this.#clockOffsetMs);
  }

  /** Says what this viewer looks at and does; said again after a reconnect. */
  present(update: PresenceUpdate): void {
    this.#presence = { ...this.#presence, ...update };
    if (this.#wire && this.#epoch !== undefined) this.#send({ type: "presence", ...this.#presence });
  }

  async #connect(): Promise<void> {
    this.#timers.cancel("retry");
    const attempt = ++this.#attemptId;
    this.#become({ kind: "connecting", since: this.#awaySince, first: !this.#everLive });
    const answer = await this.#ask();
    if (attempt !== this.#attemptId) return;
    switch (answer.kind) {
      case "signed_out":
      case "not_found":
        this.#refuse(answer.kind);
        break;
      case "later":
        this.#minimumWaitMs = answer.retryAfterMs ?? 0;
        this.#retryLater();
        break;
      case "ticket":
        this.#open(answer, attempt);
        break;
      default:
        assertNever(answer);
    }
  }

  async #ask(): Promise<TicketAnswer> {
    try {
      return await this.#deps.ticket(this.#party, this.#room);
    } catch {
      // no network, or an answer that is none: the same as a server that is away
      return { kind: "later" };
    }
  }

  #open(answer: Extract<TicketAnswer, { kind: "ticket" }>, attempt: number): void {
    const url = new URL(answer.url);
    url.searchParams.set("ticket", answer.ticket);
    if (this.#epoch !== undefined) {
      url.searchParams.set("epoch", this.#epoch);
      url.searchParams.set("after", String(this.#cursor));
    }
    const current = (): boolean => attempt === this.#attemptId;
    this.#wire = this.#deps.open(url.href, {
      opened: () => current() && this.#beat(),
      message: (text) => current() && this.#received(text),
      closed: (code) => current() && this.#closed(code),
    });
  }

  #received(text: string): void {
    this.#timers.cancel("pong");
    const frame = readFrame<P>(text);
    if (!frame) return;
    switch (frame.type) {
      case "hello":
        this.#hello(frame);
        break;
      case "snapshot":
        this.#snapshot(frame);
        break;
      case "events":
        this.#events(frame);
        this.#noteSeen();
        break;
      case "live":
        this.#sink.live(frame.items);
        this.#noteSeen();
        break;
      case "presence":
        this.#people = mergePresence(this.#people, frame);
        this.#sink.presence(this.#people);
        break;
      case "ack":
        this.#outbox.answered(frame.id, { seq: frame.seq, result: frame.result ?? {} });
        break;
      case "nack":
        this.#outbox.refused(frame.id, new CommandRefused(frame));
        break;
      case "digest":
      case "pong":
        break;
      default:
        assertNever(frame);
    }
  }

  #hello(hello: Hello): void {
    if (hello.v !== PROTOCOL_VERSION) {
      this.#outdated();
      return;
    }
    this.#minimumWaitMs = hello.retryAfterMs ?? 0;
    this.#clockOffsetMs = Date.parse(hello.now) - this.#deps.now();
    this.#head = hello.head;
    this.#parts = [];
    this.#missed = 0;
    if (hello.mode === "reset") this.#cursor = 0;
    this.#epoch = hello.epoch;
    this.#become({ kind: "catching_up", since: this.#awaySince, first: !this.#everLive });
    this.#sink.hello(hello);
    this.#send({ type: "presence", ...this.#presence });
    this.#outbox.resendAll();
    if (hello.mode === "resumed") this.#liveWhenCaughtUp();
  }

  #snapshot(frame: Extract<ServerFrame<P>, { type: "snapshot" }>): void {
    this.#parts[frame.part] = frame.state;
    if (Object.keys(this.#parts).length < frame.parts) return;
    const text = this.#parts.join("");
    this.#parts = [];
    this.#cursor = frame.seq;
    this.#sink.reset(parseState<P>(text), frame.seq);
    this.#liveWhenCaughtUp();
  }

  #events(frame: Extract<ServerFrame<P>, { type: "events" }>): void {
    const fresh: RoomTypes[P]["event"][] = [];
    for (const event of frame.events) {
      if (event.seq <= this.#cursor) continue;
      if (event.seq !== this.#cursor + 1) {
        // A gap is never silent: what is whole is kept, and the rest is asked for again by cursor.
        if (fresh.length > 0) this.#sink.events(fresh);
        // A second gap in a row means the cursor itself is wrong: start from a snapshot.
        if (!this.#mayHurry) this.#epoch = undefined;
        this.#closed(CLOSE.lagging);
        return;
      }
      this.#cursor = event.seq;
      fresh.push(event);
    }
    if (fresh.length > 0) {
      this.#missed += this.#status.kind === "catching_up" ? fresh.length : 0;
      this.#sink.events(fresh);
    }
    if (frame.more) this.#send({ type: "more", seq: this.#cursor });
    else this.#liveWhenCaughtUp();
  }

  #liveWhenCaughtUp(): void {
    if (this.#status.kind !== "catching_up" || this.#cursor < this.#head) return;
    this.#failures = 0;
    this.#mayHurry = true;
    const awayMs = this.#everLive ? this.#deps.now() - this.#awaySince : 0;
    this.#everLive = true;
    this.#become({ kind: "live", missed: this.#missed, awayMs });
  }

  #closed(code: number): void {
    if (this.#status.kind === "live") this.#awaySince = this.#deps.now();
    this.#attemptId++;
    this.#dropWire();
    if (code === CLOSE.rights) this.#refuse("rights");
    else if (code === CLOSE.upgrade) this.#outdated();
    else this.#return(code);
  }

  #return(code: number): void {
    // Restarting, lagging and a used ticket are no reason to wait, unless they come again before the room was live.
    const hurry = (code === CLOSE.restarting || code === CLOSE.lagging || code === CLOSE.ticket) && this.#mayHurry;
    if (hurry) {
      this.#mayHurry = false;
      void this.#connect();
    } else this.#retryLater();
  }

  #retryLater(): void {
    this.#failures++;
    const wait = Math.max(this.#minimumWaitMs, backoff(this.#failures, this.#deps.random()));
    this.#become({ kind: "waiting", since: this.#awaySince, first: !this.#everLive, retryAt: this.#deps.now() + wait });
    this.#timers.set("retry", wait, () => void this.#connect());
  }

  #refuse(why: Refusal): void {
    this.#outbox.refuseAll(
      new CommandRefused({ code: why, message: "You may not do this in this room any more.", retryable: false }),
    );
    this.#people = [];
    this.#sink.presence([]);
    this.#become({ kind: "refused", why });
  }

  #outdated(): void {
    this.#attemptId++;
    this.#dropWire();
    this.#outbox.refuseAll(
      new CommandRefused({ code: "outdated", message: "Atrium was updated. Reload the page and try again.", retryable: true }),
    );
    this.#become({ kind: "outdated" });
  }

  #beat(): void {
    this.#timers.set("ping", PING_EVERY_MS, () => {
      this.#ping();
      this.#beat();
    });
  }

  #ping(): void {
    this.#send({ type: "ping" });
    this.#timers.set("pong", PONG_WITHIN_MS, () => this.#closed(NO_CODE));
  }

  #noteSeen(): void {
    if (!this.#wire) return;
    this.#unseenFrames++;
    if (this.#unseenFrames >= SEEN_FRAMES) this.#sendSeen();
    else if (!this.#timers.has("seen")) this.#timers.set("seen", SEEN_MS, () => this.#sendSeen());
  }

  #sendSeen(): void {
    this.#timers.cancel("seen");
    this.#unseenFrames = 0;
    this.#send({ type: "seen", seq: this.#cursor });
  }

  #send(frame: Outgoing): void {
    this.#wire?.send(JSON.stringify(frame));
  }

  /** Callers raise #attemptId first, so that the close of this wire is not taken for news. */
  #dropWire(): void {
    this.#timers.cancel("ping", "pong", "seen");
    this.#unseenFrames = 0;
    const wire = this.#wire;
    this.#wire = undefined;
    wire?.close(CLOSE.done, "");
  }

  #become(status: RoomStatus): void {
    this.#status = status;
    this.#sink.status(status);
  }
}

/** The one place where the text of a snapshot becomes the room's state; both sides are built from the same types. */
function parseState<P extends Party>(text: string): RoomTypes[P]["state"] {
  return JSON.parse(text);
}
