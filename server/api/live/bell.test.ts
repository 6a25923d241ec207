import { describe, expect, it } from "vitest";
import { Bell } from "./bell.ts";

const never = new AbortController().signal;
/** longer than any test runs: whoever waits for it was not woken */
const LONG_MS = 3_600_000;

describe("Bell", () => {
  it("wakes who waits for the key, and nobody else", async () => {
    const bell = new Bell();
    const ear = bell.listen("agent/a");
    const other = bell.listen("agent/b");
    const rang = ear.rang(LONG_MS, never);
    bell.ring("agent/a");
    expect(await rang).toBe(true);
    expect(await other.rang(1, never)).toBe(false);
  });

  it("remembers a ring between two waits, once", async () => {
    const bell = new Bell();
    const ear = bell.listen("agent/a");
    bell.ring("agent/a");
    bell.ring("agent/a");
    expect(await ear.rang(LONG_MS, never)).toBe(true);
    expect(await ear.rang(1, never)).toBe(false);
  });

  it("lets go when the caller does", async () => {
    const bell = new Bell();
    const ear = bell.listen("agent/a");
    const gone = new AbortController();
    const rang = ear.rang(LONG_MS, gone.signal);
    gone.abort();
    expect(await rang).toBe(false);
    ear.close();
    expect(bell.size).toBe(0);
  });
});
