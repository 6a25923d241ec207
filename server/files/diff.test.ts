import fc from "fast-check";
import { expect, test } from "vitest";
import { type Diff, diffLines } from "./diff.ts";

const text = (...lines: string[]) => lines.map((line) => `${line}\n`).join("");
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => String(from + i));
const shown = ({ hunks }: Diff) =>
  hunks.map(({ before, after, lines }) => [
    `@@ ${before} ${after}`,
    ...lines.map(({ kind, text: line }) => `${{ same: " ", added: "+", removed: "-" }[kind]}${line}`),
  ]);

test("a changed line stands with three lines around it", () => {
  const before = text(...numbers(1, 20));
  const after = text(...numbers(1, 9), "ten", ...numbers(11, 20));
  expect(shown(diffLines(before, after))).toEqual([["@@ 7 7", " 7", " 8", " 9", "-10", "+ten", " 11", " 12", " 13"]]);
});

test("a new file is all added, a removed one all removed, the same text no hunk", () => {
  expect(shown(diffLines("", text("a", "b")))).toEqual([["@@ 1 1", "+a", "+b"]]);
  expect(shown(diffLines(text("a", "b"), ""))).toEqual([["@@ 1 1", "-a", "-b"]]);
  expect(diffLines(text("a"), text("a"))).toEqual({ hunks: [], truncated: false });
});

test("changes far apart are hunks of their own", () => {
  const before = text(...numbers(1, 40));
  const after = text("zero", ...numbers(1, 39), "forty");
  expect(shown(diffLines(before, after)).map(([head]) => head)).toEqual(["@@ 1 1", "@@ 37 38"]);
});

test("a huge rewrite is cut and says so", () => {
  const rewrite = diffLines(text(...numbers(1, 3_000)), text(...numbers(5_000, 8_000)));
  expect(rewrite.truncated).toBe(true);
  expect(rewrite.hunks.flatMap(({ lines }) => lines)).toHaveLength(2_000);
});

test("the hunks hold every line that differs, in order", () => {
  const lines = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 30 });
  fc.assert(
    fc.property(lines, lines, (a, b) => {
      const { hunks } = diffLines(text(...a), text(...b));
      const rebuilt: string[] = [];
      let at = 1;
      for (const hunk of hunks) {
        rebuilt.push(...a.slice(at - 1, hunk.before - 1));
        rebuilt.push(...hunk.lines.flatMap(({ kind, text: line }) => (kind === "removed" ? [] : [line])));
        at = hunk.before + hunk.lines.filter(({ kind }) => kind !== "added").length;
      }
      rebuilt.push(...a.slice(at - 1));
      expect(rebuilt).toEqual(b);
    }),
  );
});
