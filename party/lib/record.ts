/**
 * A room's durable self: log, public state, private rows. `apply` turns a core's decision into one batch of writes and
 * the texts to show; nothing here talks to anyone.
 */
import { makeId } from "../protocol/ids.ts";
import { LIMITS } from "../protocol/limits.ts";
import type { Context, Decided, PrivateRows, RoomCore } from "./core.ts";
import { askArchivedHead, FIRST_GENERATION } from "./generation.ts";
import { EventLog } from "./log.ts";
import type { RoomHost } from "./ports.ts";
import { deleteRef, extractRefs, putRef } from "./refs.ts";
import { Batch, padded, readJsonRows } from "./store.ts";

const META = "meta";
const SNAPSHOT = "snap";
const PRIVATE = "p:";
const JOURNAL = "j:";
const journalPrefix = (run: string): string => `${JOURNAL}${run}:`;
/** Prefixes of every row a room stores; `meta` stays as the tombstone, and so does what the host keeps for itself. */
const OWN_ROWS = [SNAPSHOT, PRIVATE, JOURNAL, "log:", "out", "ref:", "cmd:", "hw:", "tk:", "reg", "sweep"];

type Meta = {
  epoch: string;
  /** the epoch of its first life: names it as a sender, whose messages are counted on through all of them */
  sender?: string;
  generation: number;
  /** seq the api's archive has confirmed */
  archived: number;
  /** bytes of the log up to `archived` that were not pruned */
  bytes: number;
  /** runs whose journal goes once the archive has reached this seq */
  forget: Record<string, number>;
  /** seq of the newest event before one that took words back; absent while none did */
  floor?: number;
  /** the company was deleted: late messages get 410 */
  purged?: true;
};

export type Applied<E> = { seq: number; texts: string[]; events: (E & { seq: number; at: string })[] };

export class RoomRecord<S, P extends PrivateRows, E extends { type: string }> {
  readonly #host: RoomHost;
  readonly #core: RoomCore<S, P, E>;
  readonly log: EventLog;
  state: S;
  priv: P;
  #meta: Meta;
  #parts = new Map<string, number>();
  #metaDirty = false;
  #sinceSnapshot = 0;
  #snapshotSeq = 0;
  #bytes = 0;

  constructor(host: RoomHost, core: RoomCore<S, P, E>) {
    this.#host = host;
    this.#core = core;
    this.log = new EventLog(host.storage);
    this.state = core.empty;
    this.priv = core.emptyPriv;
    this.#meta = { epoch: "", generation: host.env.generation, archived: 0, bytes: 0, forget: {} };
  }

  /** Rebuilds everything from storage: newest snapshot, then the log after it. */
  async open(): Promise<void> {
    const { storage, env } = this.#host;
    const meta = await storage.get<Meta>(META);
    if (meta) this.#meta = meta;
    this.log.floor = this.#meta.floor ?? 0;
    for (const [key, row] of await readJsonRows(storage, PRIVATE)) {
      this.#parts.set(key, row.parts);
      const name = key.slice(PRIVATE.length);
      this.priv = { ...this.priv, [name]: withDefaults(this.#core.emptyPriv[name], row.value) };
    }
    const snapshot = (await readJsonRows(storage, SNAPSHOT)).get(SNAPSHOT);
    let seq = 0;
    if (snapshot) {
      // Written by this class: the shape is the state's own.
      const { seq: at, state } = snapshot.value as { seq: number; state: S };
      seq = at;
      this.#snapshotSeq = at;
      // One of an older version lacks what is new.
      this.state = { ...this.#core.empty, ...state };
      this.#parts.set(SNAPSHOT, snapshot.parts);
    }
    await this.log.open(seq);
    while (seq < this.log.head) {
      const page = await this.log.read(seq, LIMITS.archiveBatchBytes);
      for (const text of page.texts) this.state = this.#core.evolve(this.state, JSON.parse(text));
      this.#sinceSnapshot += page.bytes;
      seq = page.last;
    }
    if (!meta || meta.generation !== env.generation) await this.#beginLife(meta);
    this.#bytes = this.#meta.bytes + (await this.log.bytesAfter(this.#meta.archived, LIMITS.keepBytes));
  }

  /** A first start, or one of a data folder that was restored: cursors of another life must not fit. */
  async #beginLife(before: Meta | undefined): Promise<void> {
    const { generation } = this.#host.env;
    const epoch = makeId("ref", this.#host.now(), this.#host.random(16)).slice(4);
    // Messages of the life before may still lie in the outbox: their receivers must know them again.
    const sender = before ? (before.sender ?? before.epoch) : epoch;
    this.#meta = { ...this.#meta, epoch, sender, generation };
    this.#metaDirty = true;
    if (generation === FIRST_GENERATION || this.purged) return;
    await this.#goOnAbove(await askArchivedHead(this.#host, this.#core.party));
  }

  /**
   * Goes on above everything the archive holds. What it lacks and the room still has goes up again under the new epoch; a room that lies
   * behind it starts a new log there, because what it has of the old one is archived.
   */
  async #goOnAbove(held: number): Promise<void> {
    const batch = new Batch();
    if (held > this.log.head) {
      await this.log.restart(batch, held);
      this.#putSnapshot(batch);
    }
    const archived = Math.min(Math.max(held, this.log.first - 1), this.log.head);
    const kept = await this.log.bytesAfter(this.log.first - 1, LIMITS.keepBytes);
    const bytes = Math.max(0, kept - (await this.log.bytesAfter(archived, LIMITS.keepBytes)));
    this.#meta = { ...this.#meta, archived, bytes };
    this.#metaDirty = true;
    this.#putMeta(batch);
    await batch.commit(this.#host.storage);
  }

  get epoch(): string {
    return this.#meta.epoch;
  }

  /** Its name towards the rooms it sends messages to; the same in every life. */
  get sender(): string {
    return this.#meta.sender ?? this.#meta.epoch;
  }

  /** seq up to which the archive has confirmed the log */
  get archivedSeq(): number {
    return this.#meta.archived;
  }

  /** The company was deleted: nothing is taken and nothing is said any more. */
  get purged(): boolean {
    return this.#meta.purged === true;
  }

  /** Applies a decision to memory and to `batch`. The caller commits the batch in the same turn, without an await. */
  apply(decided: Decided<E, P>, batch: Batch, context: Context): Applied<E> {
    const texts: string[] = [];
    const events: Applied<E>["events"] = [];
    const at = new Date(context.now).toISOString();
    let seq = this.log.head;
    // Memory changes only once everything has been computed: a defect in the middle must not leave it ahead of the disk.
    let { state } = this;
    for (const raw of decided.events) {
      const { event, refs } = extractRefs(raw, () => context.newId("ref"));
      for (const { ref, text } of refs) putRef(batch, ref, text);
      seq += 1;
      const stamped = { seq, at, ...event };
      const text = JSON.stringify(stamped);
      texts.push(text);
      events.push(stamped);
      state = this.#core.evolve(state, stamped);
    }
    this.state = state;
    this.#raiseFloor(events);
    for (const text of texts) {
      this.#sinceSnapshot += text.length;
      this.#bytes += text.length + 1;
    }
    this.log.append(batch, texts);
    if (decided.priv) this.#putPrivate(decided.priv, batch);
    for (const { run, from, entries } of decided.journal ?? []) {
      entries.forEach((entry, index) => {
        batch.putJson(journalPrefix(run) + padded(from + index), entry, 0);
      });
    }
    for (const run of decided.forget ?? []) {
      this.#meta = { ...this.#meta, forget: { ...this.#meta.forget, [run]: this.log.head } };
      this.#metaDirty = true;
    }
    if (decided.purge) {
      this.#meta = { ...this.#meta, purged: true };
      this.#metaDirty = true;
    }
    this.#putMeta(batch);
    return { seq: this.log.head, texts, events };
  }

  /** Closes the log below the newest event that takes words back. */
  #raiseFloor(events: Applied<E>["events"]): void {
    const newest = events.findLast((event) => this.#core.takesBack?.(event));
    if (!newest) return;
    this.log.floor = newest.seq - 1;
    this.#meta = { ...this.#meta, floor: this.log.floor };
    this.#metaDirty = true;
  }

  /** Journal of a run, oldest first. */
  async journal(run: string): Promise<unknown[]> {
    return [...(await readJsonRows(this.#host.storage, journalPrefix(run))).values()].map((row) => row.value);
  }

  /** Deletes everything but the tombstone, and what the host itself keeps. */
  async purge(): Promise<void> {
    const batch = new Batch();
    for (const prefix of OWN_ROWS) for (const key of (await this.#host.storage.list({ prefix })).keys()) batch.delete(key);
    await batch.commit(this.#host.storage);
  }

  /**
   * The archive holds everything up to `seq`: forget what only it needs now, take a snapshot when the tail is long.
   * @param bytes of the events that were archived since the last call
   */
  async archived(seq: number, bytes: number, refs: readonly string[]): Promise<void> {
    if (this.purged) return;
    const batch = new Batch();
    const done = Object.entries(this.#meta.forget).filter(([, at]) => at <= seq);
    for (const [run] of done) {
      for (const key of (await this.#host.storage.list({ prefix: journalPrefix(run) })).keys()) batch.delete(key);
    }
    for (const ref of refs) await deleteRef(this.#host.storage, batch, ref);
    const forget = Object.fromEntries(Object.entries(this.#meta.forget).filter(([, at]) => at > seq));
    this.#meta = { ...this.#meta, archived: seq, bytes: this.#meta.bytes + bytes, forget };
    this.#metaDirty = true;
    this.#putMeta(batch);
    if (this.#sinceSnapshot > LIMITS.snapshotEveryBytes) this.#putSnapshot(batch);
    await batch.commit(this.#host.storage);
    await this.#prune();
  }

  /** Deletes chunks that are archived, covered by the snapshot and over what a room keeps. */
  async #prune(): Promise<void> {
    for (;;) {
      const tooLarge = this.#bytes > LIMITS.keepBytes;
      if (!tooLarge && this.log.head - this.log.first < LIMITS.keepEvents) return;
      const chunk = await this.log.oldestChunk();
      if (!chunk || chunk.last > Math.min(this.#meta.archived, this.#snapshotSeq)) return;
      const isNew = this.log.head - chunk.last < LIMITS.keepEvents || this.#host.now() - Date.parse(chunk.at) < LIMITS.keepMs;
      if (isNew && !tooLarge) return;
      const batch = new Batch();
      this.log.dropChunk(batch, chunk);
      this.#bytes -= chunk.bytes;
      this.#meta = { ...this.#meta, bytes: this.#meta.bytes - chunk.bytes };
      batch.put(META, this.#meta);
      await batch.commit(this.#host.storage);
    }
  }

  #putPrivate(next: P, batch: Batch): void {
    for (const [key, value] of Object.entries(next)) {
      if (this.priv[key] === value) continue;
      const row = PRIVATE + key;
      this.#parts.set(row, batch.putJson(row, value, this.#parts.get(row) ?? 0));
    }
    for (const key of Object.keys(this.priv)) {
      if (key in next) continue;
      const row = PRIVATE + key;
      batch.deleteJson(row, this.#parts.get(row) ?? 0);
      this.#parts.delete(row);
    }
    this.priv = next;
  }

  #putSnapshot(batch: Batch): void {
    const snapshot = { seq: this.log.head, state: this.state };
    this.#parts.set(SNAPSHOT, batch.putJson(SNAPSHOT, snapshot, this.#parts.get(SNAPSHOT) ?? 0));
    this.#sinceSnapshot = 0;
    this.#snapshotSeq = this.log.head;
  }

  #putMeta(batch: Batch): void {
    if (this.#metaDirty) batch.put(META, this.#meta);
    this.#metaDirty = false;
  }
}

/** A stored row with the fields that were added since it was written. */
function withDefaults(empty: unknown, stored: unknown): unknown {
  return isPlain(empty) && isPlain(stored) ? { ...empty, ...stored } : stored;
}

function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
