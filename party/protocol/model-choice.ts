/**
 * What an agent's `model` may say: a tier of its company, the built-in rehearsal, or one model of one provider. A name and
 * not an object, because it travels in configurations, rosters and events as one line.
 */

/** From quick and cheap to thorough and dear. */
export const TIERS = ["fast", "balanced", "strong"] as const;
export type Tier = (typeof TIERS)[number];

/** The built-in model that follows a script and needs no key. */
export const REHEARSAL = "rehearsal";

/** characters of a provider's id of a model */
export const MODEL_ID_CHARS = 200;
/** characters of a choice: an id of a provider, a slash, and the provider's id of a model */
export const MODEL_CHOICE_CHARS = 240;

export type ModelChoice =
  | { kind: "rehearsal" }
  | { kind: "tier"; tier: Tier }
  | { kind: "model"; provider: string; model: string }
  /** a name nobody knows here */
  | { kind: "unknown" };

const PROVIDER_MODEL = /^(prv_[^/]+)\/(.+)$/s;

/** Reads a choice; ids of models may hold slashes themselves. */
export function readModelChoice(text: string): ModelChoice {
  if (text === REHEARSAL) return { kind: "rehearsal" };
  const tier = TIERS.find((known) => known === text);
  if (tier) return { kind: "tier", tier };
  const [, provider, model] = PROVIDER_MODEL.exec(text) ?? [];
  return provider && model ? { kind: "model", provider, model } : { kind: "unknown" };
}

/** The choice of one model, as `readModelChoice` reads it. */
export function modelChoice(provider: string, model: string): string {
  return `${provider}/${model}`;
}
