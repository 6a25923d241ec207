import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../protocol/limits.ts";
import { EventLog } from "./log.ts";
import { Batch } from "./store.ts";
import { Disk, TurnStorage } from "./testing/disk.ts";

const text = (seq: number, size = 10): string =>
  JSON.stringify({ seq, at: "2026-01-01T00:00:00.000Z", type: "log", text: "x".repeat(size) });

class Life {
  readonly disk: Disk;
  readonly storage: TurnStorage;
  readonly log: EventLog;

  constructor(disk = new Disk()) {
    this.disk = disk;
    this.storage = new TurnStorage(disk);
    this.log = new EventLog(this.storage);
  }

  static async open(disk?: Disk): Promise<Life> {
    const life = new Life(disk);
    await life.log.open(0);
    return life;
  }

  async append(sizes: readonly number[]): Promise<void> {
    const batch = new Batch();
    this.log.append(
      batch,
      sizes.map((size, i) => text(this.log.head + 1 + i, size)),
    );
    await batch.commit(this.storage);
  }

  async seqs(after: number, bytes = Number.POSITIVE_INFINITY, events = Number.POSITIVE_INFINITY): Promise<number[]> {
    return (await this.log.read(after, bytes, events)).texts.map((event) => JSON.parse(event).seq);
  }
}

const range = (from: number, to: number): number[] => Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);

describe("the log of a room", () => {
  it("is contiguous from 1, whatever the sizes, and reads the same after a crash between two turns", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.oneof(fc.nat(200), fc.nat(30_000)), { minLength: 1, maxLength: 12 }), {
          minLength: 1,
          maxLength: 20,
        }),
        fc.nat(400),
        async (turns, at) => {
          const life = await Life.open();
          for (const turn of turns) {
            await life.append(turn);
            life.disk.commit(life.storage.endTurn());
          }
          const { head } = life.log;
          // A turn that never reached the disk.
          await life.append([5, 5]);
          const next = await Life.open(life.disk);
          expect(next.log.head).toBe(head);
          expect(await next.seqs(0)).toEqual(range(1, head));
          const after = at % (head + 1);
          expect(await next.seqs(after)).toEqual(range(after + 1, head));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("reads in pages that follow each other without a gap, at least one event each", async () => {
    const life = await Life.open();
    for (let i = 0; i < 60; i++) await life.append([i * 400, 100, 3_000]);
    for (const [bytes, events] of [
      [1, 1_000],
      [20_000, 1_000],
      [500_000, 7],
      [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    ] as const) {
      const seen: number[] = [];
      while ((seen.at(-1) ?? 0) < life.log.head) {
        const page = await life.log.read(seen.at(-1) ?? 0, bytes, events);
        expect(page.texts.length).toBeGreaterThan(0);
        expect(page.texts.length).toBeLessThanOrEqual(events);
        expect(page).toMatchObject({
          first: (seen.at(-1) ?? 0) + 1,
          bytes: page.texts.reduce((sum, one) => sum + one.length + 1, 0),
        });
        seen.push(...page.texts.map((event) => JSON.parse(event).seq));
        expect(page.last).toBe(seen.at(-1));
      }
      expect(seen).toEqual(range(1, life.log.head));
    }
    expect(await life.seqs(life.log.head)).toEqual([]);
    expect(await life.seqs(life.log.head + 5)).toEqual([]);
  });

  it("writes a small tail with each append, and a full chunk never again", async () => {
    const life = await Life.open();
    for (let i = 0; i < 100; i++) await life.append([3_000]);
    life.disk.commit(life.storage.endTurn());
    await life.append([3_000]);
    const writes = life.storage.endTurn();
    expect(writes).toHaveLength(1);
    for (const [key, value] of await life.storage.list<string>({ prefix: "log:" })) {
      expect(value.length, key).toBeLessThanOrEqual(LIMITS.tailChunkBytes);
    }
  });

  it("counts the bytes after a seq, up to a limit", async () => {
    const life = await Life.open();
    for (let i = 0; i < 50; i++) await life.append([10_000]);
    const all = await life.log.bytesAfter(0, Number.POSITIVE_INFINITY);
    expect(all).toBe((await life.log.read(0, Number.POSITIVE_INFINITY)).bytes);
    expect(await life.log.bytesAfter(life.log.head, 1)).toBe(0);
    expect(await life.log.bytesAfter(0, 20_000)).toBeGreaterThan(20_000);
  });

  it("drops its oldest chunk, never its newest, and goes on reading from what is left", async () => {
    const life = await Life.open();
    for (let i = 0; i < 20; i++) await life.append([5_000]);
    for (let chunk = await life.log.oldestChunk(); chunk; chunk = await life.log.oldestChunk()) {
      const batch = new Batch();
      life.log.dropChunk(batch, chunk);
      await batch.commit(life.storage);
      expect(await life.seqs(0)).toEqual(range(life.log.first, life.log.head));
      expect(life.log.first).toBe(chunk.last + 1);
    }
    expect(life.log.head - life.log.first).toBeGreaterThanOrEqual(0);
    life.disk.commit(life.storage.endTurn());
    const next = await Life.open(life.disk);
    expect([next.log.first, next.log.head]).toEqual([life.log.first, life.log.head]);
    await next.append([1]);
    expect(await next.seqs(life.log.head)).toEqual([life.log.head + 1]);
  });
});
