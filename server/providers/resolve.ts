/** Which models may answer for an agent, and what changes when a provider goes. Pure. */
import { assertNever } from "../../party/protocol/assert.ts";
import { readModelChoice, TIERS, type Tier } from "../../party/protocol/model-choice.ts";
import type { Tiers } from "./default-tiers.ts";
import type { ProviderStatus } from "./verdict.ts";

/** What is asked of a provider here. */
export type Known = { id: string; status: ProviderStatus };
export type OneModel = { provider: string; model: string };

/** The tier that stands in where nothing else is said. */
export const DEFAULT_TIER: Tier = "balanced";
/** Where an empty tier looks next. */
const NEXT: Readonly<Record<Tier, readonly Tier[]>> = {
  fast: ["fast", "balanced", "strong"],
  balanced: ["balanced", "fast", "strong"],
  strong: ["strong", "balanced", "fast"],
};

/**
 * The models that may answer for an agent's `model`, the best first; none means that it rehearses. One model that was
 * chosen by name has no stand-in, unless its provider is gone.
 */
export function resolve(choice: string, providers: readonly Known[], tiers: Tiers): OneModel[] {
  const read = readModelChoice(choice);
  switch (read.kind) {
    case "rehearsal":
      return [];
    case "tier":
      return ofTier(read.tier, providers, tiers);
    case "model":
      return providers.some(({ id }) => id === read.provider)
        ? [{ provider: read.provider, model: read.model }]
        : ofTier(DEFAULT_TIER, providers, tiers);
    case "unknown":
      return ofTier(DEFAULT_TIER, providers, tiers);
    default:
      return assertNever(read);
  }
}

function ofTier(tier: Tier, providers: readonly Known[], tiers: Tiers): OneModel[] {
  for (const next of NEXT[tier]) {
    const found = tiers[next].flatMap((choice) => {
      const read = readModelChoice(choice);
      if (read.kind !== "model") return [];
      const provider = providers.find(({ id }) => id === read.provider);
      return provider ? [{ provider: provider.id, model: read.model, refused: isRefused(provider) }] : [];
    });
    // A key that is known to be refused only costs time while another one works.
    const order = [...found.filter(({ refused }) => !refused), ...found.filter(({ refused }) => refused)];
    if (order.length > 0) return order.map(({ provider, model }) => ({ provider, model }));
  }
  return [];
}

function isRefused({ status }: Known): boolean {
  return status === "wrong_key" || status === "revoked" || status === "sealed";
}

/** What an agent's configuration says, as far as models go. */
export type Using = { id: string; name: string; model: string };

/** Agents that a provider answers for: chosen by name, or first in their tier. */
export function usersOf(provider: string, agents: readonly Using[], providers: readonly Known[], tiers: Tiers): Using[] {
  return agents.filter(({ model }) => resolve(model, providers, tiers)[0]?.provider === provider);
}

/** The tiers without what a provider gave them. */
export function withoutProvider(tiers: Tiers, provider: string): Tiers {
  const rest = (tier: Tier) => tiers[tier].filter((choice) => !isOf(choice, provider));
  return { fast: rest("fast"), balanced: rest("balanced"), strong: rest("strong") };
}

export function isOf(choice: string, provider: string): boolean {
  const read = readModelChoice(choice);
  return read.kind === "model" && read.provider === provider;
}

/** True when an agent without a choice of its own would be answered by a model and not by the rehearsal. */
export function hasModels(providers: readonly Known[], tiers: Tiers): boolean {
  return TIERS.some((tier) => ofTier(tier, providers, tiers).length > 0);
}
