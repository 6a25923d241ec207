/** What the tiers of a company mean before anybody chose: picked from the models its first provider showed. Pure. */
import type { SeenModel } from "../../db/schema/providers.ts";
import { TIERS, type Tier } from "../../party/protocol/model-choice.ts";
import type { Protocol } from "../../party/protocol/provider-key.ts";

/** Families of models by tier, the best fit first. Of a family the newest is taken: listings come newest first. */
const FAMILIES: Readonly<Record<Protocol, Readonly<Record<Tier, readonly RegExp[]>>>> = {
  anthropic: {
    fast: [/haiku/, /sonnet/],
    balanced: [/sonnet/, /opus/, /haiku/],
    strong: [/opus/, /sonnet/],
  },
  gemini: {
    fast: [/flash-lite/, /flash/],
    balanced: [/flash(?!-lite)/, /pro/],
    strong: [/pro/, /flash(?!-lite)/],
  },
  openai: {
    fast: [/^gpt-[\d.]+-nano$/, /^gpt-[\d.]+-mini$/],
    balanced: [/^gpt-[\d.]+-mini$/, /^gpt-[\d.]+$/],
    strong: [/^gpt-[\d.]+$/],
  },
};

/** Billions of parameters, as names of open models carry them: `llama-3.3-70b`, `qwen3:8b`. */
const SIZE = /(?:^|[^\d.])(\d+(?:\.\d+)?)b(?![a-z])/i;

/** A model for each tier; undefined without any models. */
export function chooseTiers(protocol: Protocol, models: readonly SeenModel[]): Record<Tier, string> | undefined {
  const [first] = models;
  if (!first) return undefined;
  const bySize = models
    .flatMap(({ id }) => {
      const size = SIZE.exec(id)?.[1];
      return size === undefined ? [] : [{ id, size: Number(size) }];
    })
    .sort((a, b) => a.size - b.size);
  const ofSize: Record<Tier, string | undefined> = {
    fast: bySize[0]?.id,
    balanced: bySize[Math.floor((bySize.length - 1) / 2)]?.id,
    strong: bySize.at(-1)?.id,
  };
  const pick = (tier: Tier): string => newestOf(FAMILIES[protocol][tier], models) ?? ofSize[tier] ?? first.id;
  return { fast: pick("fast"), balanced: pick("balanced"), strong: pick("strong") };
}

function newestOf(families: readonly RegExp[], models: readonly SeenModel[]): string | undefined {
  for (const family of families) {
    const found = models.find(({ id }) => family.test(id));
    if (found) return found.id;
  }
  return undefined;
}

export type Tiers = Readonly<Record<Tier, readonly string[]>>;
export const NO_TIERS: Tiers = { fast: [], balanced: [], strong: [] };

/** Fills the tiers that name nothing; what people chose stays. */
export function fillTiers(tiers: Tiers, chosen: Readonly<Record<Tier, string>>): Tiers {
  const [fast, balanced, strong] = TIERS.map((tier) => (tiers[tier].length > 0 ? tiers[tier] : [chosen[tier]]));
  return { fast: fast ?? [], balanced: balanced ?? [], strong: strong ?? [] };
}
