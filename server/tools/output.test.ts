import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { TOOL_LIMITS } from "./limits.ts";
import { cutText, OutputCollector, ProgressThrottle } from "./output.ts";

test("output within the limit comes back whole, however it was split", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 100 }), fc.integer({ min: 1, max: 7 }), (text, size) => {
      const visible = text.replace(/[\p{Cc}]/gu, "");
      const collector = new OutputCollector();
      const bytes = Buffer.from(visible);
      for (let i = 0; i < bytes.length; i += size) collector.push(bytes.subarray(i, i + size));
      expect(collector.finish()).toEqual({ text: visible, truncated: false });
    }),
  );
});

test("the run's token is never shown, however the output was split, and what only begins like it comes back whole", () => {
  const token = "aab.aac";
  const piece = fc.constantFrom(token, "aab.", "aab", "a", ".", "c", "text ");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), fc.integer({ min: 1, max: 9 }), (pieces, size) => {
      const collector = new OutputCollector(TOOL_LIMITS.outputChars, { ATRIUM_RUN_TOKEN: token });
      const bytes = Buffer.from(pieces.join(""));
      let shown = "";
      for (let i = 0; i < bytes.length; i += size) shown += collector.push(bytes.subarray(i, i + size));
      const masked = pieces.join("").replaceAll(token, "[run token]");
      expect(collector.finish().text).toBe(masked);
      expect(masked.startsWith(shown)).toBe(true);
    }),
  );
});

test("a long output keeps its head and tail, within the limit, and says what is missing", () => {
  const collector = new OutputCollector();
  collector.push(Buffer.from("HEAD"));
  for (let i = 0; i < 100; i++) collector.push(Buffer.alloc(10_000, "x"));
  collector.push(Buffer.from("TAIL"));
  const { text, truncated } = collector.finish();
  expect(truncated).toBe(true);
  expect(text.length).toBeLessThanOrEqual(TOOL_LIMITS.outputChars);
  expect(text).toMatch(/^HEADx+\n\n\[Output was cut: 950,208 of 1,000,008 characters in the middle are not shown\.]\n\nx+TAIL$/);
});

test("a cut never leaves half a character", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3 }), (shift) => {
      const { text } = cutText("x".repeat(shift) + "😀".repeat(1_000), 500);
      expect(Buffer.from(text).toString()).toBe(text);
    }),
  );
});

test("terminal control sequences do not reach the model or the transcript", () => {
  const collector = new OutputCollector();
  collector.push(Buffer.from("\u001b[31mred\u001b[0m\u0007\u0000 \u001b]0;title\u0007line\r\n\tend"));
  expect(collector.finish().text).toBe("red line\r\n\tend");
});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("progress comes at once, then at most ten times a second, and nothing of a normal output is lost", () => {
  const seen: { at: number; text: string }[] = [];
  const start = performance.now();
  const throttle = new ProgressThrottle((text) => seen.push({ at: performance.now() - start, text }));
  for (let i = 0; i < 100; i++) {
    throttle.push(`${i}\n`);
    vi.advanceTimersByTime(10);
  }
  throttle.push("last");
  throttle.finish();
  expect(seen[0]).toEqual({ at: 0, text: "0\n" });
  expect(seen.length).toBeLessThanOrEqual(12);
  for (const [index, { at }] of seen.slice(0, -1).entries())
    expect(at - (seen[index - 1]?.at ?? -100)).toBeGreaterThanOrEqual(99);
  expect(seen.map(({ text }) => text).join("")).toBe(`${Array.from({ length: 100 }, (_, i) => `${i}\n`).join("")}last`);
});

test("a flood shows its latest part", () => {
  const seen: string[] = [];
  const throttle = new ProgressThrottle((text) => seen.push(text));
  throttle.push("first");
  for (let i = 0; i < 1_000; i++) throttle.push("x".repeat(1_000));
  throttle.push("END");
  throttle.finish();
  expect(seen).toHaveLength(2);
  expect(seen[1]).toHaveLength(TOOL_LIMITS.progressChars);
  expect(seen[1]?.endsWith("END")).toBe(true);
});
