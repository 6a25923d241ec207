import { describe, expect, it } from "vitest";
import { LIMITS } from "../protocol/limits.ts";
import { deleteRef, extractRefs, putRef, readRef, refsIn } from "./refs.ts";
import { Batch } from "./store.ts";
import { Disk, TurnStorage } from "./testing/disk.ts";

let refs = 0;
const newRef = (): string => {
  refs += 1;
  return `ref_${String(refs).padStart(26, "0")}`;
};

describe("long strings of events", () => {
  it("stay when they are short, and the event is then the same object", () => {
    const event = { type: "log", text: "x".repeat(LIMITS.inlineOutputBytes), deep: { list: ["y"] } };
    expect(extractRefs(event, newRef)).toEqual({ event, refs: [] });
    expect(extractRefs(event, newRef).event).toBe(event);
  });

  it("become a beginning, a size in bytes and a reference, wherever they are", () => {
    const text = "é".repeat(20_000);
    const { event, refs: found } = extractRefs({ type: "log", deep: { list: [text, "short"] } }, newRef);
    expect(found).toEqual([{ ref: expect.any(String), text }]);
    expect(event.deep.list).toEqual([{ head: text.slice(0, LIMITS.refHeadChars), bytes: 40_000, ref: found[0]?.ref }, "short"]);
  });

  it("have a tighter limit in a tool's output", () => {
    const text = "x".repeat(LIMITS.inlineOutputBytes + 1);
    const { event } = extractRefs({ type: "tool.ended", output: text, other: text }, newRef);
    expect(event).toMatchObject({ output: { bytes: text.length }, other: text });
  });

  it("are not cut inside a pair", () => {
    const text = `${"x".repeat(LIMITS.refHeadChars - 1)}${"😀".repeat(10_000)}`;
    const { event } = extractRefs({ type: "log", text: text as unknown }, newRef);
    expect(event.text).toMatchObject({ head: "x".repeat(LIMITS.refHeadChars - 1) });
  });

  it("are stored in rows, found by an event's text, read whole and deleted whole", async () => {
    const storage = new TurnStorage(new Disk());
    const text = "ä😀".repeat(60_000);
    const { event, refs: found } = extractRefs({ type: "log", text: text as unknown }, newRef);
    const batch = new Batch();
    for (const one of found) putRef(batch, one.ref, one.text);
    await batch.commit(storage);
    const [ref = ""] = refsIn(JSON.stringify(event));
    expect(await readRef(storage, ref)).toBe(text);
    const gone = new Batch();
    await deleteRef(storage, gone, ref);
    await gone.commit(storage);
    expect(await readRef(storage, ref)).toBeUndefined();
    expect((await storage.list({})).size).toBe(0);
  });

  it("are not found in what a person merely wrote", () => {
    expect(refsIn(JSON.stringify({ type: "log", text: `"ref":"ref_${"0".repeat(26)}"` }))).toEqual([]);
  });
});
