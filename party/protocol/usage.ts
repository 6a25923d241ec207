/** Sums of token counts. Apart from common.ts, so that what only adds up numbers does not load the schemas. */
import type { Usage } from "./common.ts";

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
