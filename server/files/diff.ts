/** What changed between two texts, line by line, in hunks with some lines around. */
import { z } from "@hono/zod-openapi";

/** lines shown around a change */
const CONTEXT = 3;
/** cells of the comparison table: about 20 ms and 8 MB */
const MAX_CELLS = 4_000_000;
/** lines of all hunks together; a person reads no further */
const MAX_LINES = 2_000;
/** characters of a line */
const MAX_WIDTH = 2_000;

export const hunkShape = z.object({
  before: z.number().int().openapi({ description: "number of its first line in the old text" }),
  after: z.number().int().openapi({ description: "and in the new one" }),
  lines: z.array(z.object({ kind: z.enum(["same", "added", "removed"]), text: z.string() })),
});
export type Hunk = z.infer<typeof hunkShape>;
type Line = Hunk["lines"][number];

export type Diff = { hunks: Hunk[]; truncated: boolean };

/** The hunks that turn one text into the other; exact for edits of usual size, a whole replacement for huge rewrites. */
export function diffLines(before: string, after: string): Diff {
  const lines = compare(linesOf(before), linesOf(after));
  const cut = lines.length > 0 ? hunksOf(lines) : [];
  let left = MAX_LINES;
  const hunks: Hunk[] = [];
  for (const hunk of cut) {
    if (left <= 0) return { hunks, truncated: true };
    hunks.push({ ...hunk, lines: hunk.lines.slice(0, left) });
    left -= hunk.lines.length;
  }
  return { hunks, truncated: left < 0 };
}

function linesOf(text: string): string[] {
  if (text === "") return [];
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop(); // a final newline ends the last line, it does not open another
  return lines.map((line) => (line.length > MAX_WIDTH ? `${line.slice(0, MAX_WIDTH)}…` : line));
}

function compare(a: readonly string[], b: readonly string[]): Line[] {
  const shortest = Math.min(a.length, b.length);
  let start = 0;
  while (start < shortest && a[start] === b[start]) start++;
  let end = 0;
  while (end < shortest - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const same = (text: string): Line => ({ kind: "same", text });
  return [
    ...a.slice(0, start).map(same),
    ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...a.slice(a.length - end).map(same),
  ];
}

/** The classic table of longest common subsequences, walked back. */
function middle(a: readonly string[], b: readonly string[]): Line[] {
  const removed = (text: string): Line => ({ kind: "removed", text });
  const added = (text: string): Line => ({ kind: "added", text });
  if (a.length * b.length > MAX_CELLS) return [...a.map(removed), ...b.map(added)];
  const width = b.length + 1;
  // Lengths from each place to the ends, so that the walk goes forwards.
  const table = new Uint16Array((a.length + 1) * width);
  const at = (i: number, j: number): number => table[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      table[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    if (left !== undefined && left === right) {
      lines.push({ kind: "same", text: left });
      i++;
      j++;
    } else if (right === undefined || (left !== undefined && at(i + 1, j) >= at(i, j + 1))) {
      lines.push(removed(left ?? ""));
      i++;
    } else {
      lines.push(added(right));
      j++;
    }
  }
  return lines;
}

/** Changes that stand closer than their contexts share a hunk. */
function hunksOf(lines: readonly Line[]): Hunk[] {
  const hunks: Hunk[] = [];
  let [before, after] = [1, 1];
  let open: Hunk | undefined;
  let sinceChange = 0;
  for (const [index, line] of lines.entries()) {
    if (line.kind !== "same" && !open) {
      const around = lines.slice(Math.max(0, index - CONTEXT), index);
      open = { before: before - around.length, after: after - around.length, lines: [...around] };
      hunks.push(open);
    }
    sinceChange = line.kind === "same" ? sinceChange + 1 : 0;
    open?.lines.push(line);
    if (open && sinceChange > CONTEXT && !changesSoon(lines, index)) {
      open.lines.pop();
      open = undefined;
    }
    if (line.kind !== "added") before++;
    if (line.kind !== "removed") after++;
  }
  return hunks;
}

function changesSoon(lines: readonly Line[], index: number): boolean {
  return lines.slice(index + 1, index + CONTEXT + 1).some((line) => line.kind !== "same");
}
