import fc from "fast-check";
import { expect, test } from "vitest";
import { countLineChanges } from "./line-diff.ts";

const lines = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 12 });
const text = (list: string[]) => list.map((line) => `${line}\n`).join("");

test.each([
  ["", "", 0, 0],
  ["", "a\nb\n", 2, 0],
  ["a\nb", "", 0, 2],
  ["a\nb\nc\n", "a\nx\nc\n", 1, 1],
  ["a\nb\nc\n", "c\na\nb\n", 1, 1],
  ["a", "a\n", 0, 0],
  ["\n\n", "\n", 0, 1],
])("%j to %j", (before, after, added, removed) => {
  expect(countLineChanges(before, after)).toEqual({ added, removed, approximate: false });
});

test("counts balance, and are as small as any diff can be", () => {
  fc.assert(
    fc.property(lines, lines, (a, b) => {
      const { added, removed } = countLineChanges(text(a), text(b));
      expect(added - removed).toBe(b.length - a.length);
      expect(removed).toBe(fewestRemovals(a, b));
    }),
  );
});

test("a huge rewrite is answered quickly with lower bounds", () => {
  const before = text(Array.from({ length: 20_000 }, (_, i) => `old ${i}`));
  const after = text(Array.from({ length: 20_000 }, (_, i) => (i % 2 === 0 ? `old ${i}` : `new ${i}`)));
  expect(countLineChanges(`x\n${before}`, `y\n${after}z\n`)).toEqual({ added: 10_002, removed: 10_001, approximate: true });
});

/** By definition: try every way to keep or drop the first line. */
function fewestRemovals(a: readonly string[], b: readonly string[], memo = new Map<string, number>()): number {
  const [first, ...rest] = a;
  if (first === undefined) return 0;
  const key = `${a.length},${b.length}`;
  const known = memo.get(key);
  if (known !== undefined) return known;
  const at = b.indexOf(first);
  const dropped = 1 + fewestRemovals(rest, b, memo);
  const best = at < 0 ? dropped : Math.min(dropped, fewestRemovals(rest, b.slice(at + 1), memo));
  memo.set(key, best);
  return best;
}
