/**
 * The order of everything one room still has to hear: which items go into the next frame, what an answer settles, what is sent
 * again after a lost connection. Pure: no socket, no timer, no clock of its own.
 */
import type { OpAnswer, RoomOp } from "../../../party/protocol/internal.ts";
import { LIMITS } from "../../../party/protocol/limits.ts";

/** frames; more than this unanswered and the rest waits, so that what waits shares one frame and one commit of the room */
export const FRAMES_IN_FLIGHT = 4;
/** items of one frame, as the wire allows */
const FRAME_ITEMS = 512;
const OPENING = '{"type":"batch","items":[';
const CLOSING = "]}";

/** Something a room is told. `settle` is called exactly once, except for a row that is asked for again. */
export type Outgoing = {
  /** idempotency key: the same on every attempt */
  id: string;
  body: RoomOp;
  /** `record`: an outbox row, kept until the room has it. `ask`: a caller waits for the answer until `deadline` */
  kind: "record" | "ask";
  /** ms on the caller's clock; absent for rows */
  deadline?: number;
  settle(answer: OpAnswer): void;
};

type Slot = { n: number; text: string; bytes: number; entry: Outgoing; expired: boolean };
/** A frame in flight: its items without an answer, in their order. */
type Frame = { open: Map<number, Slot>; sentAt: number; kind: Outgoing["kind"] };

export class LinkQueue {
  #waiting: Slot[] = [];
  #frames: Frame[] = [];
  #n = 0;

  /** Items not answered yet. */
  get size(): number {
    return this.#waiting.length + this.#frames.reduce((sum, frame) => sum + frame.open.size, 0);
  }

  /** When the oldest unanswered frame was sent; undefined when nothing is in flight. */
  get oldestSentAt(): number | undefined {
    return this.#frames[0]?.sentAt;
  }

  /** Puts an item at the end. False when it can never fit a frame; nothing is kept then. */
  push(entry: Outgoing): boolean {
    this.#n += 1;
    const text = JSON.stringify({ n: this.#n, id: entry.id, body: entry.body });
    const bytes = Buffer.byteLength(text);
    if (bytes + OPENING.length + CLOSING.length > LIMITS.internalFrameBytes) return false;
    this.#waiting.push({ n: this.#n, text, bytes, entry, expired: false });
    return true;
  }

  /**
   * The next frame to send now, or undefined when nothing waits or the window is full. A frame holds rows or asks, never both,
   * and a frame of rows is answered before anything else is sent: neither the room's high-water mark nor a command may pass
   * a row that the room refuses for the moment.
   */
  take(now: number): string | undefined {
    if (this.#waiting.length === 0 || this.#frames.length >= FRAMES_IN_FLIGHT) return undefined;
    if (this.#frames.some((frame) => frame.kind === "record")) return undefined;
    let bytes = OPENING.length + CLOSING.length;
    let count = 0;
    const kind = this.#waiting[0]?.entry.kind;
    for (const slot of this.#waiting) {
      if (slot.entry.kind !== kind || count === FRAME_ITEMS || bytes + slot.bytes + 1 > LIMITS.internalFrameBytes + 1) break;
      bytes += slot.bytes + 1;
      count += 1;
    }
    const slots = this.#waiting.splice(0, count);
    this.#frames.push({
      open: new Map(slots.map((slot) => [slot.n, slot])),
      sentAt: now,
      kind: kind ?? "ask",
    });
    return OPENING + slots.map((slot) => slot.text).join(",") + CLOSING;
  }

  /**
   * Takes answers in. A row refused for the moment goes back to the head with every later row of its frame that was refused too;
   * the caller then pauses the link. Unknown numbers are answers to items that expired: dropped.
   * @returns whether a row has to be sent again
   */
  answer(answers: readonly OpAnswer[]): { again: boolean } {
    const back: Slot[] = [];
    for (const answer of answers) {
      const frame = this.#frames.find((candidate) => candidate.open.has(answer.n));
      const slot = frame?.open.get(answer.n);
      if (!frame || !slot) continue;
      frame.open.delete(answer.n);
      if (slot.expired) continue;
      if (slot.entry.kind === "record" && !answer.ok && answer.retryable) back.push(slot);
      else slot.entry.settle(answer);
    }
    this.#frames = this.#frames.filter((frame) => frame.open.size > 0);
    if (back.length > 0) this.#waiting.unshift(...back.sort((a, b) => a.n - b.n));
    return { again: back.length > 0 };
  }

  /** The connection is gone: what was not answered goes back to the head in its order, with its ids. */
  disconnected(): void {
    const unanswered = this.#frames.flatMap((frame) => [...frame.open.values()].filter((slot) => !slot.expired));
    this.#waiting.unshift(...unanswered);
    this.#frames = [];
  }

  /** Takes out every ask whose caller stopped waiting. One that is in flight still occupies its frame until it is answered. */
  expire(now: number): Outgoing[] {
    const late = (slot: Slot) => !slot.expired && slot.entry.deadline !== undefined && slot.entry.deadline <= now;
    const expired = this.#waiting.filter(late);
    if (expired.length > 0) this.#waiting = this.#waiting.filter((slot) => !late(slot));
    for (const frame of this.#frames) {
      for (const slot of frame.open.values()) if (late(slot)) expired.push(slot);
    }
    for (const slot of expired) slot.expired = true;
    return expired.map((slot) => slot.entry);
  }

  /** Empties the queue and returns what nobody will answer any more. */
  drain(): Outgoing[] {
    this.disconnected();
    return this.#waiting.splice(0).map((slot) => slot.entry);
  }
}
