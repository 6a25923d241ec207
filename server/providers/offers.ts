/** The models that agents of a company may choose from, and what is known of them. */
import type { SeenModel } from "../../db/schema/providers.ts";
import { modelChoice, readModelChoice } from "../../party/protocol/model-choice.ts";
import type { ModelPrice } from "../models/access.ts";
import { knownOf } from "../models/prices.ts";
import { addressOf } from "./address.ts";
import type { ProviderRow } from "./store.ts";

/** characters of a label, as the wire of the runners takes it */
const LABEL_CHARS = 80;

export type Offer = {
  /** what an agent's `model` says to choose it */
  choice: string;
  provider: ProviderRow;
  model: string;
  label: string;
  contextTokens: number | undefined;
  price: ModelPrice | undefined;
};

/** A model as people read it. */
export function labelOf({ models }: ProviderRow, model: string): string {
  return (models?.find(({ id }) => id === model)?.label ?? model).slice(0, LABEL_CHARS);
}

/** One model of a provider, with what the provider and the price list know of it. The provider's own word comes first. */
export async function offerOf(provider: ProviderRow, model: string): Promise<Offer> {
  const { kind } = provider;
  const { price, contextTokens } = await knownOf({ provider: kind, model, baseUrl: addressOf(provider) });
  const seen = provider.models?.find(({ id }) => id === model);
  return {
    choice: modelChoice(provider.id, model),
    provider,
    model,
    label: labelOf(provider, model),
    contextTokens: seen?.contextTokens ?? contextTokens,
    price,
  };
}

/** Every model of every provider that was seen or named by hand, in the order of the listings. */
export function offersOf(providers: readonly ProviderRow[]): Promise<Offer[]> {
  return Promise.all(providers.flatMap((provider) => modelsOf(provider).map(({ id }) => offerOf(provider, id))));
}

export function modelsOf({ models, named }: ProviderRow): SeenModel[] {
  return models ?? named.map((id) => ({ id }));
}

/** Why an agent cannot choose a model; undefined when it can. */
export function whyNotChosen(choice: string, providers: readonly ProviderRow[]): string | undefined {
  const read = readModelChoice(choice);
  if (read.kind === "rehearsal" || read.kind === "tier") return undefined;
  if (read.kind === "unknown")
    return "There is no such model here. Choose fast, balanced, strong, rehearsal, or a model of a provider.";
  const provider = providers.find(({ id }) => id === read.provider);
  if (!provider) return "This model's provider is not in this company. Choose another model.";
  // Before its first listing nobody knows what a provider has.
  const offered = modelsOf(provider);
  const known = provider.models === null && offered.length === 0 ? true : offered.some(({ id }) => id === read.model);
  return known
    ? undefined
    : `${provider.name} does not offer this model. Choose another one, or test the provider again to see its models.`;
}
