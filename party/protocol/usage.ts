/** Sums of token counts. Apart from common.ts, so that what only adds up numbers does not load the schemas. */
import type { Usage } from "./common.ts";
import type { CostBasis } from "./run-events.ts";

export const NO_USAGE: Usage = { input: 0, output: 0, cached: 0, thinking: 0 };

/** Adds two usages. */
export function addUsage(a: Usage, b: Usage): Usage {
  return {
    input: a.input + b.input,
    output: a.output + b.output,
    cached: a.cached + b.cached,
    thinking: a.thinking + b.thinking,
  };
}

/** From the best known to the least. */
const BASES: readonly CostBasis[] = ["reported", "list", "unknown"];

/** The basis of a sum: that of its least known part. */
export function sumBasis(a: CostBasis | undefined, b: CostBasis | undefined): CostBasis | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return BASES.indexOf(a) > BASES.indexOf(b) ? a : b;
}
