import { describe, expect, it } from "vitest";
import { type Slot, StreamSlots } from "./slots.ts";

const takeMany = (slots: StreamSlots, person: string, count: number): Slot[] =>
  Array.from({ length: count }, () => slots.take(person));
const openOnes = (taken: Slot[]) => taken.filter((slot) => slot.kind === "open");

describe("the slots of event streams", () => {
  it("give one person twenty, and leave the others theirs", () => {
    const slots = new StreamSlots();
    const taken = takeMany(slots, "u_ana", 25);
    expect(openOnes(taken)).toHaveLength(20);
    expect(taken.at(-1)).toEqual({ kind: "person_full" });
    expect(slots.take("u_ben").kind).toBe("open");
  });

  it("give all people together two hundred", () => {
    const slots = new StreamSlots();
    for (let person = 0; person < 10; person++) expect(openOnes(takeMany(slots, `u_${person}`, 20))).toHaveLength(20);
    expect(slots.take("u_late")).toEqual({ kind: "full" });
  });

  it("are free again when a stream ends, once", () => {
    const slots = new StreamSlots();
    const [first] = openOnes(takeMany(slots, "u_ana", 20));
    if (first?.kind !== "open") throw new Error("there was no slot");
    first.release();
    first.release();
    expect(openOnes(takeMany(slots, "u_ana", 2))).toHaveLength(1);
  });
});
