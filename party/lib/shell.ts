/**
 * The shell around a room's core: reads storage at start, lets the core decide, stores what it decided in one put, then
 * acknowledges and broadcasts. The host's output gate holds every frame of a turn until the turn is on disk, so nothing
 * is shown before it is durable. A turn never awaits anything but the room's own storage.
 */

import { isRunEvent } from "../protocol/agent-state.ts";
import { makeId } from "../protocol/ids.ts";
import type { DispatchRequest, FeederFrame, OpAnswer } from "../protocol/internal.ts";
import { CLOSE, LIMITS } from "../protocol/limits.ts";
import { Archive } from "./archive.ts";
import type { Context, CoreInput, Decided, FeederHold, Outgoing, PrivateRows, RoomCore } from "./core.ts";
import { type Answer, Dedupe } from "./dedupe.ts";
import { LiveStream } from "./live.ts";
import { Outbox } from "./outbox.ts";
import type { RoomHost, RoomSocket } from "./ports.ts";
import { Presence } from "./presence.ts";
import { RoomRecord } from "./record.ts";
import { Batch } from "./store.ts";
import { type Cursor, type ViewerSeat, Viewers } from "./viewers.ts";

/** What a runner's socket remembers across hibernation; `hold` once its claim was granted. */
export type FeederSeat = { k: "feeder"; hold?: FeederHold };
export type LinkSeat = { k: "link" };
export type Seat = ViewerSeat | FeederSeat | LinkSeat;

const REGISTERED = "reg";

/** Extra writes of a turn, committed together with the decision. */
type Alongside = (batch: Batch) => void;

export class RoomShell<S, P extends PrivateRows, E extends { type: string }> {
  readonly host: RoomHost;
  readonly core: RoomCore<S, P, E>;
  readonly record: RoomRecord<S, P, E>;
  readonly viewers: Viewers;
  readonly presence: Presence;
  readonly stream: LiveStream;
  readonly outbox: Outbox;
  readonly archive: Archive;
  readonly dedupe: Dedupe;
  readonly feeders = new Map<string, RoomSocket>();
  storageFull = false;
  #texts: string[] = [];
  #after: (() => void)[] = [];
  #alarmAt = Number.POSITIVE_INFINITY;
  #registered = new Set<string>();

  constructor(host: RoomHost, core: RoomCore<S, P, E>) {
    this.host = host;
    this.core = core;
    this.record = new RoomRecord(host, core);
    this.viewers = new Viewers(host, this.record.log);
    this.presence = new Presence(host, (frame) => this.viewers.live(frame));
    this.stream = new LiveStream(host, (items) => this.viewers.live(JSON.stringify({ type: "live", items })));
    this.outbox = new Outbox(host, core.party);
    this.dedupe = new Dedupe(host.storage);
    this.archive = new Archive(host, core.party, this.record.log, {
      epoch: () => this.record.epoch,
      company: () => core.companyOf(this.record.state),
      archived: (seq, refs) => void this.record.archived(seq, refs),
      storage: (full) => {
        this.storageFull = full;
      },
    });
  }

  async start(): Promise<void> {
    await this.record.open();
    await this.outbox.open();
    this.outbox.epoch = this.record.epoch;
    this.archive.archivedSeq = Math.min(this.record.meta.archived, this.record.log.head);
    this.#registered = new Set((await this.host.storage.get<string[]>(REGISTERED)) ?? []);
    for (const socket of this.host.sockets()) this.#restore(socket);
    const gone = [...this.#registered].filter((person) => !this.presence.people.includes(person));
    if (gone.length > 0) this.#register([], gone);
    this.run({ kind: "started" });
    this.archive.schedule();
    this.flush();
    this.#arm();
  }

  context(): Context {
    const now = this.host.now();
    return { now, room: this.host.id, newId: (prefix) => makeId(prefix, now, this.host.random(16)) };
  }

  /** Takes a viewer in and brings it to the head. */
  async join(socket: RoomSocket, seat: ViewerSeat, cursor: Cursor): Promise<void> {
    socket.setState(seat);
    const viewer = this.viewers.add(socket, seat);
    const first = this.presence.join(socket, seat.person, seat.role);
    await this.viewers.greet(viewer, cursor, {
      party: this.core.party,
      epoch: this.record.epoch,
      snapshot: () => JSON.stringify(this.record.state),
      openBlocks: () => this.stream.openBlocks(),
    });
    this.viewers.send(viewer, this.presence.full());
    if (first) this.#register([{ person: seat.person.id, rights: seat.rights }], []);
  }

  /** A socket has closed; the next one of the same person or run is another object. */
  left(socket: RoomSocket): void {
    this.viewers.remove(socket);
    const person = this.presence.leave(socket);
    if (person) this.#register([], [person]);
    const held = this.holdOf(socket);
    if (held && this.feeders.get(held.run) === socket) {
      // The lease stays: the runner may be back before it expires.
      this.feeders.delete(held.run);
    }
  }

  holdOf(socket: RoomSocket): FeederHold | undefined {
    const seat = socket.state;
    return isSeat(seat) && seat.k === "feeder" ? seat.hold : undefined;
  }

  /** Lets the core decide and applies it. Frames leave with the next `flush` of this turn. */
  run(input: CoreInput, alongside?: Alongside): Answer {
    const context = this.context();
    const decision = this.core.decide(this.record.state, this.record.priv, input, context);
    const batch = new Batch();
    if (!decision.ok) {
      const { ok, code, message, retryable, winner } = decision;
      return { ok, code, message, retryable, winner };
    }
    return this.#apply(decision, batch, context, alongside);
  }

  /** The same with an idempotency key: a repeat gets the first answer. The key must have been warmed. */
  async once(id: string, input: CoreInput): Promise<Answer> {
    const known = await this.dedupe.answer(id);
    if (known) return known;
    const answer = this.run(input, (batch) => {
      this.dedupe.remember(batch, id, { ok: true, seq: this.record.log.head, result: this.#result }, this.host.now());
    });
    if (!answer.ok) this.dedupe.refused(id, answer);
    return answer;
  }
  #result: Record<string, unknown> | undefined;

  /** Claims and frames of a runner. */
  feed(socket: RoomSocket, frame: Exclude<FeederFrame, { type: "live" }>): Answer {
    const held = this.holdOf(socket);
    return this.run({ kind: "feeder", frame, held });
  }

  /** Binds a granted claim to its socket; an older socket of the run is told that it is fenced. */
  hold(socket: RoomSocket, hold: FeederHold): void {
    const older = this.feeders.get(hold.run);
    if (older && older !== socket) {
      this.tell(older, { type: "fenced" });
      const seat: FeederSeat = { k: "feeder" };
      older.setState(seat);
      older.close(CLOSE.done, "fenced");
    }
    const seat: FeederSeat = { k: "feeder", hold };
    socket.setState(seat);
    this.feeders.set(hold.run, socket);
  }

  tell(socket: RoomSocket, frame: object): void {
    try {
      socket.send(JSON.stringify(frame));
    } catch {
      // Closed in this turn: its close event follows.
    }
  }

  /** Ends a turn: durable events first, then what the turn had to say, then deliveries. */
  flush(): void {
    if (this.#texts.length > 0) {
      this.stream.flush();
      const texts = this.#texts;
      this.#texts = [];
      this.viewers.events(texts);
      this.archive.schedule();
    }
    const after = this.#after;
    this.#after = [];
    for (const task of after) task();
    this.outbox.flush();
  }

  async alarm(): Promise<void> {
    this.#alarmAt = Number.POSITIVE_INFINITY;
    const now = this.host.now();
    await this.dedupe.sweep(now);
    const due = this.core.due(this.record.state, this.record.priv);
    if (due !== undefined && due <= now) this.run({ kind: "tick" });
    this.viewers.sweepLagging();
    this.flush();
    await this.archive.run();
    this.#arm();
  }

  /** Closes every socket so that its peer reconnects at once. */
  restart(): void {
    this.viewers.closeWhere(() => true, CLOSE.restarting, "restarting");
    for (const socket of this.feeders.values()) socket.close(CLOSE.restarting, "restarting");
  }

  #apply(decision: Decided<E, P>, batch: Batch, context: Context, alongside?: Alongside): Answer {
    const applied = this.record.apply(decision, batch, context);
    this.#texts.push(...applied.texts);
    for (const event of applied.events) if (isRunEvent(event)) this.stream.observe(event);
    this.outbox.add(batch, decision.out ?? []);
    this.#result = decision.result;
    alongside?.(batch);
    this.#arm();
    this.#commit(batch);
    this.#after.push(() => this.#announce(decision));
    return { ok: true, seq: applied.seq, result: decision.result };
  }

  #announce(decision: Decided<E, P>): void {
    if (decision.live && decision.live.length > 0) this.viewers.live(JSON.stringify({ type: "live", items: decision.live }));
    for (const { run, answer } of decision.tell ?? []) {
      const socket = this.feeders.get(run);
      if (socket) this.tell(socket, answer);
    }
    for (const { person, role, rights } of decision.roles ?? []) this.viewers.setRights(person, role, rights);
    for (const close of decision.close ?? []) this.#close(close);
    for (const message of decision.say ?? []) this.outbox.say(message);
    for (const request of decision.dispatch ?? []) void this.#dispatch(request);
  }

  async #dispatch({ run, fence, agent, company }: NonNullable<Decided<E, P>["dispatch"]>[number]): Promise<void> {
    const request: DispatchRequest = { run, fence, agent, company, generation: this.host.env.generation };
    let ok = false;
    try {
      ok = (await this.host.postApi("/internal/dispatch", JSON.stringify(request))).status === 200;
    } catch {
      // The api is away: the core tries again, with a new fence.
    }
    this.run({ kind: "dispatched", run, fence, ok });
    this.flush();
  }

  #close(close: NonNullable<Decided<E, P>["close"]>[number]): void {
    switch (close.kind) {
      case "person":
        this.viewers.setRights(close.person, null, Number.MAX_SAFE_INTEGER);
        break;
      case "session":
        this.viewers.closeWhere((seat) => seat.session === close.session, CLOSE.rights, "signed out");
        break;
      case "all":
        this.viewers.closeWhere(() => true, CLOSE.rights, "closed");
        break;
      case "feeder": {
        const socket = this.feeders.get(close.run);
        this.feeders.delete(close.run);
        if (socket) {
          this.tell(socket, { type: "fenced" });
          const seat: FeederSeat = { k: "feeder" };
          socket.setState(seat);
          socket.close(CLOSE.done, "released");
        }
        break;
      }
    }
  }

  /** The person's rooms register with the company's room, so that a change of rights reaches them. */
  #register(joins: { person: string; rights: number }[], leaves: string[]): void {
    const company = this.core.companyOf(this.record.state);
    if (this.core.party === "company" || company === "") return;
    const messages: Outgoing[] = [
      ...joins.map(({ person, rights }) => ({
        party: "company" as const,
        room: company,
        message: { kind: "presence.join" as const, person, rights },
      })),
      ...leaves.map((person) => ({
        party: "company" as const,
        room: company,
        message: { kind: "presence.leave" as const, person },
      })),
    ];
    for (const { person } of joins) this.#registered.add(person);
    for (const person of leaves) this.#registered.delete(person);
    const batch = new Batch();
    batch.put(REGISTERED, [...this.#registered]);
    this.outbox.add(batch, messages);
    this.#arm();
    this.#commit(batch);
    this.outbox.flush();
  }

  #commit(batch: Batch): void {
    if (batch.empty) return;
    // Not awaited: the output gate holds this turn's frames, and a failed write resets the room before they leave.
    batch.commit(this.host.storage).catch((error) => this.host.log("error", "a write failed", { error: String(error) }));
  }

  #restore(socket: RoomSocket): void {
    const seat = socket.state;
    if (!isSeat(seat)) return;
    if (seat.k === "viewer") {
      this.viewers.add(socket, seat);
      this.presence.join(socket, seat.person, seat.role);
    } else if (seat.k === "feeder" && seat.hold) this.feeders.set(seat.hold.run, socket);
  }

  /** Keeps the one alarm at the earliest moment anything is due. */
  #arm(): void {
    const now = this.host.now();
    const dues = [
      this.core.due(this.record.state, this.record.priv),
      this.outbox.due(now),
      this.archive.due(now),
      this.dedupe.sweepDue(now),
    ];
    const due = Math.max(now + 1, Math.min(...dues.filter((at) => at !== undefined)));
    if (due >= this.#alarmAt) return;
    this.#alarmAt = due;
    this.host.storage
      .setAlarm(due)
      .catch((error) => this.host.log("error", "an alarm could not be set", { error: String(error) }));
  }
}

export function isSeat(state: unknown): state is Seat {
  return typeof state === "object" && state !== null && "k" in state;
}

/** A room's answer as a link speaks it. */
export function toOpAnswer(n: number, answer: Answer): OpAnswer {
  return answer.ok
    ? { n, ok: true, seq: answer.seq, result: answer.result }
    : { n, ok: false, code: answer.code, message: answer.message, retryable: answer.retryable, winner: answer.winner };
}

/** New work is refused while the disk is full; what ends or answers things goes on. */
export const STORAGE_FULL: Answer = {
  ok: false,
  code: "storage_full",
  message: "The server's disk is full. Nothing was lost; try again when space was freed.",
  retryable: true,
};

export const NOT_READY: Answer = {
  ok: false,
  code: "not_ready",
  message: "This room is still being set up. Try again in a moment.",
  retryable: true,
};

/** Bytes of a text as they travel, without encoding it when it is surely short. */
export function byteLength(text: string): number {
  return text.length * 3 < LIMITS.clientFrameBytes ? text.length : new TextEncoder().encode(text).length;
}
