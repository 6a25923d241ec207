/**
 * The shell around a room's core: reads storage at start, lets the core decide, stores what it decided in one put, then
 * acknowledges and broadcasts. The host's output gate holds every frame of a turn until the turn is on disk, so nothing
 * is shown before it is durable. A turn never awaits anything but the room's own storage.
 */

import { isRunEvent } from "../protocol/agent-state.ts";
import { makeId } from "../protocol/ids.ts";
import { type DispatchRequest, dispatchAnswer } from "../protocol/internal.ts";
import { CLOSE } from "../protocol/limits.ts";
import { Archive } from "./archive.ts";
import type { Context, CoreInput, Decided, PrivateRows, RoomCore } from "./core.ts";
import { type Answer, Dedupe } from "./dedupe.ts";
import { type FeederSeat, Feeders } from "./feeders.ts";
import { LiveStream } from "./live.ts";
import { Outbox } from "./outbox.ts";
import type { RoomHost, RoomSocket } from "./ports.ts";
import { Presence } from "./presence.ts";
import { RoomRecord } from "./record.ts";
import { Registration } from "./registration.ts";
import { Batch } from "./store.ts";
import { type Cursor, type ViewerSeat, Viewers } from "./viewers.ts";

export type LinkSeat = { k: "link" };
export type Seat = ViewerSeat | FeederSeat | LinkSeat;

/** Extra writes of a turn, committed together with the decision and its answer. */
type Alongside = (batch: Batch, answer: Answer) => void;

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
  readonly feeders: Feeders;
  readonly #registration: Registration;
  storageFull = false;
  #texts: string[] = [];
  #after: (() => void)[] = [];
  #alarmAt = Number.POSITIVE_INFINITY;

  constructor(host: RoomHost, core: RoomCore<S, P, E>) {
    this.host = host;
    this.core = core;
    this.record = new RoomRecord(host, core);
    this.viewers = new Viewers(host, this.record.log, (socket) => this.#cut(socket));
    this.presence = new Presence(host, (frame) => this.viewers.live(frame));
    this.stream = new LiveStream(host, (items) => this.viewers.live(JSON.stringify({ type: "live", items })));
    this.outbox = new Outbox(host, core.party);
    this.dedupe = new Dedupe(host.storage);
    this.feeders = new Feeders((socket, frame) => this.tell(socket, frame));
    this.#registration = new Registration(host.storage);
    this.archive = new Archive(host, core.party, this.record.log, {
      epoch: () => this.record.epoch,
      company: () => this.#company,
      archived: (seq, bytes, refs) => this.record.archived(seq, bytes, refs),
      storage: (full) => {
        this.storageFull = full;
      },
    });
  }

  get #company(): string {
    return this.record.purged ? "" : this.core.companyOf(this.record.state);
  }

  async start(): Promise<void> {
    await this.record.open();
    await this.outbox.open();
    await this.dedupe.open();
    await this.#registration.open();
    this.outbox.epoch = this.record.sender;
    this.archive.archivedSeq = Math.min(this.record.archivedSeq, this.record.log.head);
    for (const socket of this.host.sockets()) this.#restore(socket);
    // A kill may have come between the tombstone and the rows.
    if (this.record.purged) return this.record.purge();
    if (!this.host.slept) this.run({ kind: "started" });
    this.#register();
    this.archive.schedule();
    this.flush();
    this.#arm();
  }

  context(): Context {
    const now = this.host.now();
    return { now, room: this.host.id, head: this.record.log.head, newId: (prefix) => makeId(prefix, now, this.host.random(16)) };
  }

  /** Takes a viewer in and brings it to the head. */
  async join(socket: RoomSocket, seat: ViewerSeat, cursor: Cursor): Promise<void> {
    const batch = new Batch();
    // The host has stored the used ticket before it let the socket in.
    this.dedupe.touch(batch, this.host.now());
    this.#commit(batch);
    socket.setState(seat);
    const known = this.core.rightsOf?.(this.record.state, this.record.priv, seat.person.id);
    // The ticket was made before the room heard of a change: the client asks for another one and is told by it.
    if (this.record.purged || (known && (known.role === null || known.rights > seat.rights)))
      return socket.close(CLOSE.rights, "your rights changed");
    const viewer = this.viewers.add(socket, seat);
    this.presence.join(socket, seat.person, seat.role);
    await this.viewers.greet(viewer, cursor, {
      party: this.core.party,
      epoch: this.record.epoch,
      snapshot: () => JSON.stringify(this.record.state),
      openBlocks: () => this.stream.openBlocks(),
    });
    this.viewers.send(viewer, this.presence.full());
    this.#register();
    this.flush();
  }

  /** The room closed a viewer: a peer that reads nothing never answers, and must not be shown as here until it does. */
  #cut(socket: RoomSocket): void {
    socket.setState(null);
    this.presence.leave(socket);
    this.#after.push(() => this.#register());
  }

  /** A socket has closed; the next one of the same person or run is another object. */
  left(socket: RoomSocket): void {
    const seat = socket.state;
    // A socket whose close woke the room: the others still show its person.
    if (isSeat(seat) && seat.k === "viewer" && !this.viewers.of(socket)) this.presence.join(socket, seat.person, seat.role);
    this.viewers.remove(socket);
    this.presence.leave(socket);
    this.feeders.left(socket);
    this.#register();
    this.flush();
  }

  /** Lets the core decide and applies it. Frames leave with the next `flush` of this turn. */
  run(input: CoreInput, alongside?: Alongside): Answer {
    const context = this.context();
    const decision = this.core.decide(this.record.state, this.record.priv, input, context);
    if (!decision.ok) {
      const { ok, code, message, retryable, winner } = decision;
      return { ok, code, message, retryable, winner };
    }
    return this.#apply(decision, context, alongside);
  }

  /** The same with an idempotency key: a repeat gets the first answer. */
  async once(id: string, input: CoreInput): Promise<Answer> {
    return (await this.dedupe.answer(id)) ?? this.first(id, input);
  }

  /** The same for a key that is known to be new. */
  first(id: string, input: CoreInput): Answer {
    const answer = this.run(input, (batch, first) => this.dedupe.remember(batch, id, first, this.host.now()));
    if (!answer.ok) this.dedupe.refused(id, answer);
    return answer;
  }

  tell(socket: RoomSocket, frame: object): void {
    this.tellText(socket, JSON.stringify(frame));
  }

  tellText(socket: RoomSocket, text: string): void {
    try {
      socket.send(text);
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
    // What the turn had to say may have closed sockets.
    for (const task of this.#after.splice(0)) task();
    this.outbox.flush();
  }

  async alarm(): Promise<void> {
    this.#alarmAt = Number.POSITIVE_INFINITY;
    if (this.record.purged) return;
    const now = this.host.now();
    await this.dedupe.sweep(now);
    const due = this.core.due(this.record.state, this.record.priv);
    if (due !== undefined && due <= now) this.run({ kind: "tick" });
    this.flush();
    this.#arm();
    // Not awaited: an alarm is a turn, and the api may take its time.
    void this.archive.run();
  }

  /** Closes every socket so that its peer reconnects at once. */
  restart(): void {
    for (const socket of [...this.host.sockets()]) socket.close(CLOSE.restarting, "restarting");
  }

  #apply(decision: Decided<E, P>, context: Context, alongside?: Alongside): Answer {
    const batch = new Batch();
    const company = this.#company;
    const applied = this.record.apply(decision, batch, context);
    this.#texts.push(...applied.texts);
    for (const event of applied.events) if (isRunEvent(event)) this.stream.observe(event);
    this.outbox.add(batch, decision.out ?? []);
    const answer: Answer = { ok: true, seq: applied.seq, result: decision.result };
    alongside?.(batch, answer);
    this.#arm();
    this.#commit(batch);
    this.#after.push(() => this.#announce(decision));
    // Those who came before the room knew its company.
    if (company === "" && this.#company !== "") this.#register();
    return answer;
  }

  #announce(decision: Decided<E, P>): void {
    if (decision.live && decision.live.length > 0) this.viewers.live(JSON.stringify({ type: "live", items: decision.live }));
    for (const { run, answer } of decision.tell ?? []) {
      const socket = this.feeders.of(run);
      if (socket) this.tell(socket, answer);
    }
    for (const { person, role, rights } of decision.roles ?? []) this.viewers.setRights(person, role, rights);
    for (const close of decision.close ?? []) this.#close(close);
    for (const message of decision.say ?? []) this.outbox.say(message);
    for (const request of decision.dispatch ?? []) void this.#dispatch(request);
    if (decision.purge) this.record.purge().catch((error) => this.#failed("a purge failed", error));
  }

  async #dispatch(dispatch: NonNullable<Decided<E, P>["dispatch"]>[number]): Promise<void> {
    const { run, fence } = dispatch;
    const request: DispatchRequest = { ...dispatch, generation: this.host.env.generation };
    let runner: string | undefined;
    try {
      const answer = await this.host.postApi("/internal/dispatch", JSON.stringify(request));
      if (answer.status === 200) runner = dispatchAnswer.parse(JSON.parse(answer.body)).runner;
    } catch {
      // The api is away: the core tries again, with a new fence.
    }
    this.run({ kind: "dispatched", run, fence, runner });
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
      case "feeder":
        this.feeders.close(close.run, close.why);
        break;
    }
  }

  /** Tells the company's room who came and who left since it was last told. */
  #register(): void {
    const company = this.#company;
    if (this.core.party === "company" || company === "") return;
    const batch = new Batch();
    this.outbox.add(batch, this.#registration.update(batch, company, this.viewers.rights()));
    this.#arm();
    this.#commit(batch);
  }

  #commit(batch: Batch): void {
    if (batch.empty) return;
    // Not awaited: the output gate holds this turn's frames, and a failed write resets the room before they leave.
    batch.commit(this.host.storage).catch((error) => this.#failed("a write failed", error));
  }

  #failed(what: string, error: unknown): void {
    this.host.log("error", what, { error: String(error) });
  }

  #restore(socket: RoomSocket): void {
    const seat = socket.state;
    if (!isSeat(seat)) return;
    if (seat.k === "viewer") {
      this.viewers.add(socket, seat);
      this.presence.restore(socket, seat.person, seat.role);
    } else if (seat.k === "feeder") this.feeders.restore(socket, seat);
  }

  /** Keeps the one alarm at the earliest moment anything is due. */
  #arm(): void {
    const now = this.host.now();
    const dues = [
      this.core.due(this.record.state, this.record.priv),
      this.outbox.due(now),
      this.archive.due(now),
      this.dedupe.sweepDue,
    ];
    const due = Math.max(now + 1, Math.min(...dues.filter((at) => at !== undefined)));
    if (due >= this.#alarmAt || due === Number.POSITIVE_INFINITY) return;
    this.#alarmAt = due;
    this.host.storage.setAlarm(due).catch((error) => this.#failed("an alarm could not be set", error));
  }
}

export function isSeat(state: unknown): state is Seat {
  return typeof state === "object" && state !== null && "k" in state;
}
