/** From what a run is lent to the models that may answer it. */
import { assertNever } from "../../party/protocol/assert.ts";
import type { ModelAccess, ModelCandidate } from "./access.ts";
import { createAnthropicModel } from "./anthropic/model.ts";
import { createGeminiModel } from "./gemini/model.ts";
import type { Model, ModelFailure } from "./model.ts";
import { createOpenAIModel } from "./openai/model.ts";
import { createRehearsal } from "./rehearsal/rehearsal.ts";

/** The models of a run, the best first; those after it answer when it cannot. */
export type Models = readonly [Model, ...Model[]];

/** The models for what was lent. The SDKs behind them are loaded at their first call. */
export function modelsOf({ candidates }: ModelAccess): Models {
  const seen = new Map<string, number>();
  const [first = createRehearsal(), ...others] = candidates.map(modelOf).map((model) => {
    // The same model with another key is another candidate; the journal must tell which one answered.
    const times = (seen.get(model.id) ?? 0) + 1;
    seen.set(model.id, times);
    return times === 1 ? model : { ...model, id: `${model.id}#${times}` };
  });
  return [first, ...others];
}

function modelOf(candidate: ModelCandidate): Model {
  switch (candidate.provider) {
    case "anthropic":
      return createAnthropicModel(candidate);
    case "gemini":
      return createGeminiModel(candidate);
    case "openai":
      return createOpenAIModel(candidate);
    case "rehearsal":
      return createRehearsal();
    default:
      return assertNever(candidate.provider);
  }
}

/** A model that answers nothing but why there is none: the run says so and ends. */
export function noModel(failure: ModelFailure): Model {
  return {
    name: "none",
    id: "none",
    async *stream() {
      yield { type: "error", failure };
    },
  };
}
