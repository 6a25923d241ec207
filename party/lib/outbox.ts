/**
 * Messages to other rooms: stored with the turn that caused them, delivered in order per target, at least once. The
 * receiver keeps the high-water mark of `(sender, epoch, n)`, so each has its effect once.
 */
import type { Delivery, RoomMessage } from "../protocol/internal.ts";
import { ROOM_PATH } from "../protocol/internal.ts";
import { LIMITS } from "../protocol/limits.ts";
import type { Party } from "../protocol/tickets.ts";
import type { Outgoing } from "./core.ts";
import type { RoomHost } from "./ports.ts";
import { Batch, padded, readJsonRows } from "./store.ts";

const PREFIX = "out:";
const COUNTER = "outn";
/** ms after which delivered messages are deleted when no turn took them along; until then a crash delivers them again */
const SWEEP_MS = 1_000;
/** Messages per delivery; the receiver's schema allows no more. */
const BATCH = 64;

/** A stored message; `parts` counts the rows a long one is split into. */
type Row = { party: Party; room: string; n: number; message: RoomMessage; parts: number };
type Target = { party: Party; room: string; rows: Row[]; busy: boolean; failures: number; notBefore: number };

export class Outbox {
  readonly #host: RoomHost;
  readonly #party: Party;
  readonly #targets = new Map<string, Target>();
  /** delivered, and still on disk */
  #delivered: Row[] = [];
  #n = 0;
  epoch = "";

  constructor(host: RoomHost, party: Party) {
    this.#host = host;
    this.#party = party;
  }

  async open(): Promise<void> {
    this.#n = (await this.#host.storage.get<number>(COUNTER)) ?? 0;
    for (const { value, parts } of (await readJsonRows(this.#host.storage, PREFIX)).values()) {
      // Written by this class: the shape is a row's own.
      const row = { ...(value as Omit<Row, "parts">), parts };
      this.#target(row).rows.push(row);
    }
  }

  /** Stores messages with the turn, and deletes delivered ones along with it. Call `flush` after the turn's commit. */
  add(batch: Batch, messages: readonly Outgoing[]): void {
    for (const row of this.#delivered.splice(0)) batch.deleteJson(PREFIX + padded(row.n), row.parts);
    for (const { party, room, message } of messages) {
      this.#n += 1;
      const row = { party, room, n: this.#n, message };
      const parts = batch.putJson(PREFIX + padded(row.n), row, 0);
      this.#target(row).rows.push({ ...row, parts });
    }
    if (messages.length > 0) batch.put(COUNTER, this.#n);
  }

  /** When the next delivery may be tried; undefined with nothing to send. */
  due(now: number): number | undefined {
    let due: number | undefined;
    for (const target of this.#targets.values()) {
      // A delivery under way gets a full retry period before the alarm looks again.
      const at = target.busy ? now + LIMITS.retryMaxMs : Math.max(target.notBefore, now + LIMITS.retryMinMs);
      if (target.rows.length > 0 && (due === undefined || at < due)) due = at;
    }
    return due;
  }

  get depth(): number {
    let depth = 0;
    for (const target of this.#targets.values()) depth += target.rows.length;
    return depth;
  }

  /** Starts deliveries that are due. Never awaited by a turn. */
  flush(): void {
    for (const target of this.#targets.values()) {
      if (!target.busy && target.rows.length > 0 && target.notBefore <= this.#host.now()) void this.#deliver(target);
    }
  }

  /** Says something that may be lost: not stored, not retried. */
  say({ party, room, message }: Outgoing): void {
    const body = this.#body([{ n: 0, message }]);
    void this.#host.postRoom(party, room, ROOM_PATH.deliver, body).catch(() => undefined);
  }

  #body(messages: Delivery["messages"]): string {
    const delivery: Delivery = { from: { party: this.#party, room: this.#host.id, epoch: this.epoch }, messages };
    return JSON.stringify(delivery);
  }

  async #deliver(target: Target): Promise<void> {
    target.busy = true;
    const rows = target.rows.slice(0, BATCH);
    let delivered = false;
    try {
      const body = this.#body(rows.map(({ n, message }) => ({ n, message })));
      const answer = await this.#host.postRoom(target.party, target.room, ROOM_PATH.deliver, body);
      // 410: the room was purged with its company; nothing will ever take the message.
      delivered = answer.status === 200 || answer.status === 410;
      if (!delivered)
        this.#host.log("warn", "delivery refused", { to: target.room, status: answer.status, body: answer.body.slice(0, 200) });
    } catch (error) {
      this.#host.log("warn", "delivery failed", { to: target.room, error: String(error) });
    }
    target.busy = false;
    if (delivered) {
      target.failures = 0;
      target.rows.splice(0, rows.length);
      if (target.rows.length === 0) this.#targets.delete(`${target.party}:${target.room}`);
      this.#forget(rows);
    } else {
      target.failures += 1;
      target.notBefore = this.#host.now() + Math.min(LIMITS.retryMaxMs, LIMITS.retryMinMs * 2 ** Math.min(target.failures, 10));
      this.#host.after(Math.min(1_000, target.notBefore - this.#host.now()), () => this.flush());
    }
    this.flush();
  }

  /** A commit of its own for each delivery would double the commits of a busy room: the next turn takes the rows along. */
  #forget(rows: readonly Row[]): void {
    if (this.#delivered.length === 0) {
      this.#host.after(SWEEP_MS, () => {
        const batch = new Batch();
        this.add(batch, []);
        if (!batch.empty) void batch.commit(this.#host.storage);
      });
    }
    this.#delivered.push(...rows);
  }

  #target({ party, room }: Pick<Row, "party" | "room">): Target {
    const key = `${party}:${room}`;
    let target = this.#targets.get(key);
    if (!target) {
      target = { party, room, rows: [], busy: false, failures: 0, notBefore: 0 };
      this.#targets.set(key, target);
    }
    return target;
  }
}
