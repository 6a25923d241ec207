/** Which model answers for a name in an agent's configuration. */
import type { Model } from "./model.ts";
import { createRehearsal, REHEARSAL } from "./rehearsal/rehearsal.ts";

const MODELS: ReadonlyMap<string, () => Model> = new Map([[REHEARSAL, createRehearsal]]);

/**
 * The model for a configured name. A name without a connected provider gets the rehearsal model: everything works without
 * a key, and the run names the model that answered, not the one that was wished for.
 */
export function modelFor(name: string): Model {
  return (MODELS.get(name) ?? createRehearsal)();
}
