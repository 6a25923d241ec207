/** What a benchmark finds, and the arithmetic on it. */

export type Unit = "ms" | "MiB" | "per s" | "% of a core" | "µs";

export type Figure = {
  what: string;
  unit: Unit;
  /** one value per repetition; the median counts */
  samples: number[];
  /** what is promised: at most, or at least, this */
  goal?: { most: number } | { least: number };
  /** the same with nothing of ours in between, measured in the same run */
  floor?: { what: string; samples: number[] };
};

export type Lab = {
  /** repetitions of each measurement */
  repeat: number;
  /** a line about what is going on, on stderr */
  say(line: string): void;
};

export type Benchmark = { name: string; about: string; run(lab: Lab): Promise<Figure[]> };

/** The value below which the share `p` (0 to 1) of the values lies; NaN of none. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** Whether a figure keeps its promise; undefined when it has none. */
export function reached({ samples, goal }: Figure): boolean | undefined {
  if (!goal) return undefined;
  return "most" in goal ? median(samples) <= goal.most : median(samples) >= goal.least;
}
