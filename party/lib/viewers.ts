/**
 * The people's sockets of a room: greeting, catch-up, fan-out, back-pressure. A viewer is either live or catching up at a
 * cursor; it joins live in the turn that reaches the head, so replay and live never interleave.
 */
import type { Actor, ActorRef } from "../protocol/common.ts";
import type { Hello, ResetReason } from "../protocol/frames.ts";
import { CLOSE, LIMITS, PROTOCOL_VERSION } from "../protocol/limits.ts";
import { lower, type Role } from "../protocol/roles.ts";
import type { RunLive } from "../protocol/run-events.ts";
import type { Party } from "../protocol/tickets.ts";
import type { EventLog } from "./log.ts";
import type { RoomHost, RoomSocket } from "./ports.ts";

/** ms between two looks at those who lag */
const LAG_LOOK_MS = 1_000;

/** Characters of one snapshot frame. */
const SNAPSHOT_PART_CHARS = 45_000;

/** What a viewer's socket remembers across hibernation. */
export type ViewerSeat = {
  k: "viewer";
  person: { id: string; name: string };
  role: Role;
  rights: number;
  session?: string;
  /** seq the viewer has been sent while it catches up; absent when live */
  cursor?: number;
};

export type Viewer = {
  socket: RoomSocket;
  seat: ViewerSeat;
  /** on hosts without `bufferedAmount`: durable frames sent and not reported as seen, oldest first */
  unseen: { seq: number; bytes: number }[];
  /** bytes handed to the socket */
  sent: number;
  /** since when more than the live limit is unread without progress, and how much had been read then */
  lag?: { since: number; read: number };
  flood: { from: number; frames: number };
};

export type Cursor = { epoch: string; after: number } | undefined;

export type Greeting = { party: Party; epoch: string; snapshot: () => string; openBlocks: () => RunLive[] };

export class Viewers {
  readonly #host: RoomHost;
  readonly #log: EventLog;
  readonly #bySocket = new Map<RoomSocket, Viewer>();
  /** text of the snapshot at a seq: hundreds of viewers reconnect at once after a restart */
  #snapshot = { seq: -1, frames: [] as string[] };
  readonly #cut: (socket: RoomSocket) => void;
  #looking = false;

  /** @param cut told of each socket that the room closes itself: its close event may come late, or never */
  constructor(host: RoomHost, log: EventLog, cut: (socket: RoomSocket) => void) {
    this.#host = host;
    this.#log = log;
    this.#cut = cut;
  }

  get size(): number {
    return this.#bySocket.size;
  }

  [Symbol.iterator](): IterableIterator<Viewer> {
    return this.#bySocket.values();
  }

  of(socket: RoomSocket): Viewer | undefined {
    return this.#bySocket.get(socket);
  }

  /** Takes a socket in, new or found again after hibernation. */
  add(socket: RoomSocket, seat: ViewerSeat): Viewer {
    const viewer: Viewer = { socket, seat, unseen: [], sent: 0, flood: { from: 0, frames: 0 } };
    this.#bySocket.set(socket, viewer);
    return viewer;
  }

  remove(socket: RoomSocket): Viewer | undefined {
    const viewer = this.#bySocket.get(socket);
    this.#bySocket.delete(socket);
    return viewer;
  }

  /** Rights version by person; the oldest where a person has several sockets. */
  rights(): Map<string, number> {
    const rights = new Map<string, number>();
    for (const { seat } of this.#bySocket.values()) {
      rights.set(seat.person.id, Math.min(rights.get(seat.person.id) ?? Number.POSITIVE_INFINITY, seat.rights));
    }
    return rights;
  }

  /** A client says how far it has read. */
  seen(viewer: Viewer, seq: number): void {
    viewer.unseen = viewer.unseen.filter((frame) => frame.seq > seq);
  }

  /** `hello`, then the missing tail or a snapshot. Reads the log; the turn's input gate keeps the head still meanwhile. */
  async greet(viewer: Viewer, cursor: Cursor, greeting: Greeting): Promise<void> {
    const reason = await this.#resetReason(cursor, greeting.epoch);
    const hello: Hello = {
      type: "hello",
      v: PROTOCOL_VERSION,
      party: greeting.party,
      room: this.#host.id,
      epoch: greeting.epoch,
      head: this.#log.head,
      now: new Date(this.#host.now()).toISOString(),
      you: { id: viewer.seat.person.id, role: viewer.seat.role },
      ...(reason ? { mode: "reset", reason } : { mode: "resumed" }),
    };
    this.#send(viewer, JSON.stringify(hello));
    if (reason) {
      for (const frame of this.#snapshotFrames(greeting.snapshot)) this.#send(viewer, frame);
      this.#goLive(viewer, greeting.openBlocks);
    } else {
      await this.catchUp(viewer, cursor?.after ?? 0, greeting.openBlocks);
    }
  }

  /** Sends one page after `after`; the last frame says `more` unless it reaches the head. */
  async catchUp(viewer: Viewer, after: number, openBlocks: () => RunLive[]): Promise<void> {
    // Words were taken back since its last page: it comes again at once and is given the snapshot.
    if (after < this.#log.floor) return this.close(viewer, CLOSE.restarting, "words were taken back");
    let from = after;
    let budget: number = LIMITS.catchUpPageBytes;
    while (from < this.#log.head && budget > 0) {
      const page = await this.#log.read(from, Math.min(LIMITS.eventsFrameBytes, budget));
      if (page.texts.length === 0) break;
      budget -= page.bytes;
      from = page.last;
      const more = from < this.#log.head && budget <= 0;
      this.#send(viewer, `{"type":"events","events":[${page.texts.join(",")}]${more ? ',"more":true' : ""}}`);
    }
    if (from < this.#log.head) this.#seat(viewer, { ...viewer.seat, cursor: from });
    else this.#goLive(viewer, openBlocks);
  }

  /** Durable events to every live viewer. */
  events(texts: readonly string[]): void {
    if (this.#bySocket.size === 0 || texts.length === 0) return;
    for (const frame of eventFrames(texts)) this.#each(frame, "durable");
    const head = this.#log.head;
    const bytes = texts.reduce((sum, text) => sum + text.length, 0);
    for (const viewer of this.#bySocket.values()) {
      if (viewer.socket.bufferedAmount === undefined && viewer.seat.cursor === undefined)
        viewer.unseen.push({ seq: head, bytes });
    }
  }

  /** A frame that may be dropped for a viewer that lags. */
  live(frame: string): void {
    if (this.#bySocket.size > 0) this.#each(frame, "live");
  }

  /** Applies new rights; sockets of a person without rights are closed. */
  setRights(person: string, role: Role | null, rights: number): void {
    for (const viewer of [...this.#bySocket.values()]) {
      if (viewer.seat.person.id !== person || viewer.seat.rights >= rights) continue;
      // A new role needs a new ticket: the client asks the api again, which knows.
      if (role === null || lower(role, viewer.seat.role) !== viewer.seat.role)
        this.close(viewer, CLOSE.rights, "your rights changed");
      else this.#seat(viewer, { ...viewer.seat, rights });
    }
  }

  closeWhere(test: (seat: ViewerSeat) => boolean, code: number, reason: string): void {
    for (const viewer of [...this.#bySocket.values()]) if (test(viewer.seat)) this.close(viewer, code, reason);
  }

  close(viewer: Viewer, code: number, reason: string): void {
    this.#bySocket.delete(viewer.socket);
    this.#cut(viewer.socket);
    try {
      viewer.socket.close(code, reason);
    } catch {
      // Already gone: there is nobody to tell.
    }
  }

  /** True when this frame is one too many; the caller closes the socket. */
  floods(viewer: Viewer): boolean {
    const now = this.#host.now();
    if (now - viewer.flood.from > LIMITS.floodWindowMs) viewer.flood = { from: now, frames: 0 };
    viewer.flood.frames += 1;
    return viewer.flood.frames > LIMITS.floodFrames;
  }

  send(viewer: Viewer, frame: string): void {
    this.#send(viewer, frame);
  }

  async #resetReason(cursor: Cursor, epoch: string): Promise<ResetReason | undefined> {
    if (!cursor) return "new";
    if (cursor.epoch !== epoch || cursor.after > this.#log.head) return "epoch";
    if (cursor.after < Math.max(this.#log.first - 1, this.#log.floor)) return "too_old";
    return (await this.#log.bytesAfter(cursor.after, LIMITS.catchUpMaxBytes)) > LIMITS.catchUpMaxBytes ? "too_old" : undefined;
  }

  #snapshotFrames(snapshot: () => string): string[] {
    if (this.#snapshot.seq === this.#log.head) return this.#snapshot.frames;
    const text = snapshot();
    const parts = Math.max(1, Math.ceil(text.length / SNAPSHOT_PART_CHARS));
    const frames = Array.from({ length: parts }, (_, part) =>
      JSON.stringify({
        type: "snapshot",
        seq: this.#log.head,
        state: text.slice(part * SNAPSHOT_PART_CHARS, (part + 1) * SNAPSHOT_PART_CHARS),
        part: part + 1,
        parts,
      }),
    );
    this.#snapshot = { seq: this.#log.head, frames };
    return frames;
  }

  #goLive(viewer: Viewer, openBlocks: () => RunLive[]): void {
    const { cursor: _reached, ...seat } = viewer.seat;
    this.#seat(viewer, seat);
    const items = openBlocks();
    if (items.length > 0) this.#send(viewer, JSON.stringify({ type: "live", items }));
  }

  #seat(viewer: Viewer, seat: ViewerSeat): void {
    viewer.seat = seat;
    viewer.socket.setState(seat);
  }

  #each(frame: string, kind: "durable" | "live"): void {
    const bytes = Buffer.byteLength(frame);
    for (const viewer of this.#bySocket.values()) {
      if (viewer.seat.cursor !== undefined) continue;
      const pressed = this.#pressure(viewer);
      if (pressed === "cut" || (pressed === "lagging" && kind === "live")) continue;
      this.#send(viewer, frame, bytes);
    }
  }

  /** Judges lack of progress, so that a large catch-up cannot cut its own reader. */
  #pressure(viewer: Viewer): "fine" | "lagging" | "cut" {
    const bytes = viewer.socket.bufferedAmount ?? viewer.unseen.reduce((sum, frame) => sum + frame.bytes, 0);
    if (bytes <= LIMITS.lagLiveBytes) {
      viewer.lag = undefined;
      return "fine";
    }
    const now = this.#host.now();
    const read = viewer.sent - bytes;
    if (!viewer.lag || read > viewer.lag.read) viewer.lag = { since: now, read };
    if (bytes > LIMITS.lagCloseBytes || now - viewer.lag.since > LIMITS.lagCloseMs) {
      this.close(viewer, CLOSE.lagging, "lagging");
      return "cut";
    }
    this.#lookAgain();
    return "lagging";
  }

  /** Someone lags: without further frames nobody else would look at them. */
  #lookAgain(): void {
    if (this.#looking) return;
    this.#looking = true;
    this.#host.after(LAG_LOOK_MS, () => {
      this.#looking = false;
      for (const viewer of [...this.#bySocket.values()]) if (viewer.lag) this.#pressure(viewer);
    });
  }

  #send(viewer: Viewer, frame: string, bytes = Buffer.byteLength(frame)): void {
    viewer.sent += bytes;
    try {
      viewer.socket.send(frame);
    } catch {
      // A socket that closed in this turn: its close event follows.
      this.#bySocket.delete(viewer.socket);
    }
  }
}

/** Packs event texts into frames below the batch limit. */
export function eventFrames(texts: readonly string[]): string[] {
  const frames: string[] = [];
  let batch: string[] = [];
  let bytes = 0;
  for (const text of texts) {
    if (batch.length > 0 && bytes + text.length > LIMITS.eventsFrameBytes) {
      frames.push(`{"type":"events","events":[${batch.join(",")}]}`);
      batch = [];
      bytes = 0;
    }
    batch.push(text);
    bytes += text.length;
  }
  if (batch.length > 0) frames.push(`{"type":"events","events":[${batch.join(",")}]}`);
  return frames;
}

/** The actor of a viewer's command. */
export function actorOf(seat: ViewerSeat): Actor {
  const ref: ActorRef = { id: seat.person.id, name: seat.person.name, kind: "person" };
  return { ...ref, role: seat.role, rights: seat.rights };
}
