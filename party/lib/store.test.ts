import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Batch, readJsonRows } from "./store.ts";
import { Disk, TurnStorage } from "./testing/disk.ts";

const open = (): { disk: Disk; storage: TurnStorage } => {
  const disk = new Disk();
  return { disk, storage: new TurnStorage(disk) };
};

describe("rows of a room", () => {
  it("hold a value of any size, and shrink and grow with it", async () => {
    const { storage } = open();
    let parts = 0;
    for (const size of [10, 200_000, 50_000, 90_001, 5, 0, 130_000]) {
      const batch = new Batch();
      const value = { text: `${"é😀".repeat(size / 3)}.` };
      parts = batch.putJson("p:row", value, parts);
      await batch.commit(storage);
      const rows = await readJsonRows(storage, "p:");
      expect(rows.get("p:row")).toEqual({ value, parts });
      expect((await storage.list({ prefix: "p:" })).size).toBe(parts === 0 ? 1 : parts + 1);
    }
    const batch = new Batch();
    batch.deleteJson("p:row", parts);
    await batch.commit(storage);
    expect((await storage.list({ prefix: "p:" })).size).toBe(0);
  });

  it("leave no part behind, whatever sizes follow each other", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(200_000), { maxLength: 8 }), async (sizes) => {
        const { storage } = open();
        let parts = 0;
        for (const size of sizes) {
          const batch = new Batch();
          parts = batch.putJson("k", "x".repeat(size), parts);
          await batch.commit(storage);
          expect((await readJsonRows(storage, "k")).get("k")?.value).toBe("x".repeat(size));
          expect((await storage.list({ prefix: "k" })).size).toBe(parts === 0 ? 1 : parts + 1);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("travel by hundreds in one turn, within the host's limit for one call", async () => {
    const { disk, storage } = open();
    const batch = new Batch();
    for (let i = 0; i < 500; i++) batch.put(`a${i}`, i);
    for (let i = 0; i < 500; i++) batch.delete(`b${i}`);
    await batch.commit(storage);
    disk.commit(storage.endTurn());
    expect(disk.rows.size).toBe(500);
  });

  it("keep the last word on a key", async () => {
    const { storage } = open();
    const batch = new Batch();
    batch.put("a", 1);
    batch.delete("a");
    batch.delete("b");
    batch.put("b", 2);
    await batch.commit(storage);
    expect(await storage.get("a")).toBeUndefined();
    expect(await storage.get("b")).toBe(2);
    expect(new Batch().empty).toBe(true);
  });
});
