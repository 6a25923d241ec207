/** How many lines a change added and removed. */

export interface LineCounts {
  added: number;
  removed: number;
  /** true when the texts were too different and too long to compare exactly: the counts are then lower bounds */
  approximate: boolean;
}

/** Cells of the comparison table that are worth the time: about 20 ms. */
const MAX_CELLS = 4_000_000;

/** Counts lines as a diff shows them: exact for edits of usual size, lower bounds for huge rewrites. */
export function countLineChanges(before: string, after: string): LineCounts {
  const [a, b] = withoutCommonEnds(linesOf(before), linesOf(after));
  const exact = a.length * b.length <= MAX_CELLS;
  const common = exact ? longestCommonSubsequence(a, b) : sharedLines(a, b);
  return { added: b.length - common, removed: a.length - common, approximate: !exact };
}

function linesOf(text: string): string[] {
  if (text === "") return [];
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop(); // a final newline ends the last line, it does not open another
  return lines;
}

function withoutCommonEnds(a: string[], b: string[]): [string[], string[]] {
  const shortest = Math.min(a.length, b.length);
  let start = 0;
  while (start < shortest && a[start] === b[start]) start++;
  let end = 0;
  while (end < shortest - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  return [a.slice(start, a.length - end), b.slice(start, b.length - end)];
}

/** Length of the longest common subsequence, by the classic table kept two rows at a time. */
function longestCommonSubsequence(a: readonly string[], b: readonly string[]): number {
  let previous = new Uint32Array(b.length + 1);
  let current = new Uint32Array(b.length + 1);
  for (const line of a) {
    for (let j = 1; j <= b.length; j++) {
      const match = line === b[j - 1];
      current[j] = match ? (previous[j - 1] ?? 0) + 1 : Math.max(previous[j] ?? 0, current[j - 1] ?? 0);
    }
    [previous, current] = [current, previous];
  }
  return previous[b.length] ?? 0;
}

/** Lines that occur in both, wherever they stand: at least as many as any diff could keep. */
function sharedLines(a: readonly string[], b: readonly string[]): number {
  const left = new Map<string, number>();
  for (const line of a) left.set(line, (left.get(line) ?? 0) + 1);
  let shared = 0;
  for (const line of b) {
    const count = left.get(line) ?? 0;
    if (count === 0) continue;
    left.set(line, count - 1);
    shared++;
  }
  return shared;
}
