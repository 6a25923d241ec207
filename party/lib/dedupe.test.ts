import { describe, expect, it } from "vitest";
import { LIMITS } from "../protocol/limits.ts";
import { type Answer, Dedupe, TICKET } from "./dedupe.ts";
import { Batch } from "./store.ts";
import { Disk, TurnStorage } from "./testing/disk.ts";

const DAY = LIMITS.commandDedupeMs;
const ok = (seq: number): Answer => ({ ok: true, seq, result: undefined });

async function open(disk = new Disk()): Promise<{ disk: Disk; storage: TurnStorage; dedupe: Dedupe }> {
  const storage = new TurnStorage(disk);
  const dedupe = new Dedupe(storage);
  await dedupe.open();
  return { disk, storage, dedupe };
}

describe("once only", () => {
  it("gives the first answer to a repeated id, also after a restart, also to many at once", async () => {
    const { disk, storage, dedupe } = await open();
    const batch = new Batch();
    for (let i = 0; i < 300; i++) dedupe.remember(batch, `id${i}`, ok(i), 0);
    await batch.commit(storage);
    disk.commit(storage.endTurn());
    const next = await open(disk);
    await next.dedupe.warm(Array.from({ length: 300 }, (_, i) => `id${i}`));
    for (const i of [0, 150, 299]) expect(await next.dedupe.answer(`id${i}`)).toMatchObject({ ok: true, seq: i });
    expect(await next.dedupe.answer("other")).toBeUndefined();
  });

  it("remembers a final refusal while the room is awake, and one to try again not at all", async () => {
    const { dedupe } = await open();
    dedupe.refused("final", { ok: false, code: "forbidden", message: "", retryable: false });
    dedupe.refused("later", { ok: false, code: "storage_full", message: "", retryable: true });
    expect(await dedupe.answer("final")).toMatchObject({ code: "forbidden" });
    expect(await dedupe.answer("later")).toBeUndefined();
  });

  it("keeps the high-water mark of each sender", async () => {
    const { disk, storage, dedupe } = await open();
    expect(await dedupe.mark("a")).toEqual({ epoch: "", n: 0 });
    const batch = new Batch();
    dedupe.setMark(batch, "a", { epoch: "e", n: 7 });
    expect(await dedupe.mark("a")).toEqual({ epoch: "e", n: 7 });
    await batch.commit(storage);
    disk.commit(storage.endTurn());
    expect(await (await open(disk)).dedupe.mark("a")).toEqual({ epoch: "e", n: 7 });
  });

  it("forgets answers after a day and tickets when they are over, in a room that slept in between", async () => {
    const { disk, storage, dedupe } = await open();
    const batch = new Batch();
    dedupe.remember(batch, "old", ok(1), 0);
    dedupe.remember(batch, "new", ok(2), DAY);
    batch.put(`${TICKET}used`, 30_000);
    await batch.commit(storage);
    disk.commit(storage.endTurn());

    const next = await open(disk);
    expect(next.dedupe.sweepDue).toBeDefined();
    await next.dedupe.sweep(DAY + 1);
    next.disk.commit(next.storage.endTurn());
    expect([...disk.rows.keys()].sort()).toEqual(["cmd:new", "sweep"]);
    await next.dedupe.sweep(3 * DAY);
    next.disk.commit(next.storage.endTurn());
    expect(disk.rows.size).toBe(0);
    // Nothing is left to look for: the room may sleep for good.
    expect(next.dedupe.sweepDue).toBeUndefined();
  });
});
