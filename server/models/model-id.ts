/** What tells a model from the others of a run, after a restart too, and says nothing of its key. Pure. */
import type { ModelCandidate } from "./access.ts";

/** The same name at another address is another model: what it sealed is of no use there. */
export function modelId({ provider, model, baseUrl }: ModelCandidate): string {
  return [provider, ...(baseUrl ? [new URL(baseUrl).host] : []), model].join("/");
}
