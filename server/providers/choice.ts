/** What agents may say their model is, asked where agents are made and changed. */
import { REHEARSAL } from "../../party/protocol/model-choice.ts";
import { type AppContext, membershipOf } from "../api/context.ts";
import { invalid } from "../api/errors.ts";
import type { Tiers } from "./default-tiers.ts";
import { whyNotChosen } from "./offers.ts";
import { DEFAULT_TIER, hasModels, type Known } from "./resolve.ts";
import { listProviders, readTiers } from "./store.ts";

/** What a new agent gets: a model as soon as there is one, and until then the rehearsal. */
export function defaultChoice(providers: readonly Known[], tiers: Tiers): string {
  return hasModels(providers, tiers) ? DEFAULT_TIER : REHEARSAL;
}

/** The default of the caller's company. */
export async function defaultModelOf(c: AppContext): Promise<string> {
  const { db } = c.get("services");
  const { company } = membershipOf(c);
  const [providers, { tiers }] = await Promise.all([listProviders(db, company), readTiers(db, company)]);
  return defaultChoice(providers, tiers);
}

/** @throws 400 that names the field when an agent cannot have this model */
export async function requireChoice(c: AppContext, choice: string): Promise<void> {
  const why = whyNotChosen(choice, await listProviders(c.get("services").db, membershipOf(c).company));
  if (why !== undefined) throw invalid("model", why);
}
