import { assertNever } from "../../../party/protocol/assert.ts";
import { TIERS, type Tier } from "../../../party/protocol/model-choice.ts";
import type { Protocol } from "../../../party/protocol/provider-key.ts";
import type { StatusKind } from "../../components/status.tsx";
import { tierName } from "../../lib/model-name.ts";
import type { Models, OfferedModel, Provider } from "./provider-api.ts";

const TIER_WORDS: Readonly<Record<Tier, string>> = {
  fast: "quick and cheap, for small steps",
  balanced: "what new agents get",
  strong: "for hard work",
};

export function tierWords(tier: Tier): string {
  return TIER_WORDS[tier];
}

export const PROTOCOL_NAMES: Readonly<Record<Protocol, string>> = {
  anthropic: "Anthropic",
  gemini: "Google Gemini",
  openai: "OpenAI and compatible",
};

/** How a provider stands, as glyph and word. */
export function providerStatus({ status }: Provider): { kind: StatusKind; word: string } {
  switch (status) {
    case "ok":
      return { kind: "done", word: "Works" };
    case "untested":
      return { kind: "idle", word: "Not tested" };
    case "wrong_key":
      return { kind: "fail", word: "Wrong key" };
    case "revoked":
      return { kind: "fail", word: "Key refused" };
    case "no_credit":
      return { kind: "fail", word: "No credit" };
    case "rate_limited":
      return { kind: "wait", word: "Busy" };
    case "unreachable":
    case "tls":
    case "timeout":
      return { kind: "fail", word: "No answer" };
    case "wrong_protocol":
    case "redirected":
      return { kind: "fail", word: "Wrong address" };
    case "unlisted":
      return { kind: "wait", word: "No list" };
    case "failing":
      return { kind: "wait", word: "Failing" };
    case "sealed":
      return { kind: "fail", word: "Key unreadable" };
    default:
      return assertNever(status);
  }
}

const TOKENS_PER_K = 1_000;
const MICRO_USD = 1_000_000;

/** `200k tokens`, `1M tokens` */
export function contextWords(tokens: number | null): string {
  if (tokens === null) return "context unknown";
  const thousands = Math.round(tokens / TOKENS_PER_K);
  return thousands >= TOKENS_PER_K ? `${Number((thousands / TOKENS_PER_K).toFixed(1))}M tokens` : `${thousands}k tokens`;
}

/** `$3.00 in, $15.00 out per million tokens`; `price unknown` is never shown as free. */
export function priceWords(price: OfferedModel["price"]): string {
  if (price === null) return "price unknown";
  return `${usd(price.input)} in, ${usd(price.output)} out per million tokens`;
}

function usd(microUsd: number): string {
  const dollars = microUsd / MICRO_USD;
  return `$${dollars < 0.1 && dollars > 0 ? dollars.toFixed(3) : dollars.toFixed(2)}`;
}

export function offerWords({ contextTokens, price }: OfferedModel): string {
  return `${contextWords(contextTokens)}, ${priceWords(price)}`;
}

/** Models by provider, in the order of the providers. */
export function byProvider(models: readonly OfferedModel[]): { id: string; name: string; models: OfferedModel[] }[] {
  const groups = new Map<string, { id: string; name: string; models: OfferedModel[] }>();
  for (const model of models) {
    const group = groups.get(model.provider) ?? { id: model.provider, name: model.providerName, models: [] };
    group.models.push(model);
    groups.set(model.provider, group);
  }
  return [...groups.values()];
}

/** What a tier means now, for the line under a choice. */
export function tierMeaning(tier: Tier, { models, tiers }: Models): string {
  // As the api looks for one: an empty tier asks its neighbours.
  const order = [tier, ...(["balanced", ...TIERS] as const)];
  const choice = order.map((one) => tiers[one][0]).find((one) => one !== undefined);
  if (choice === undefined) return "No provider yet: it rehearses.";
  const offer = models.find((model) => model.choice === choice);
  return offer ? `Now ${offer.label}: ${offerWords(offer)}` : "Its model was not in the provider's last list.";
}

/** The line under a model that was chosen. */
export function choiceMeaning(choice: string, models: Models): string {
  const tier = TIERS.find((one) => one === choice);
  if (tier) return tierMeaning(tier, models);
  if (choice === "rehearsal") return "Follows a script instead of thinking, with real tools and real approvals. Costs nothing.";
  const offer = models.models.find((model) => model.choice === choice);
  return offer ? offerWords(offer) : "Its provider did not list this model at the last test.";
}

/** A tier with what it is for, as an option. */
export function tierOption(tier: Tier): string {
  return `${tierName(tier)}: ${tierWords(tier)}`;
}
