/** What a runner is lent to call models for one run: the agent's choice, resolved now, with the keys opened. */
import type { Db } from "../../db/client.ts";
import { REHEARSAL } from "../../party/protocol/model-choice.ts";
import type { ModelAccess, ModelCandidate } from "../models/access.ts";
import type { Vault } from "../secrets/vault.ts";
import { addressOf } from "./address.ts";
import { offerOf } from "./offers.ts";
import { resolve } from "./resolve.ts";
import { listProviders, openKey, type ProviderRow, readTiers } from "./store.ts";

/** as many as the wire takes */
const MAX_CANDIDATES = 20;
const REHEARSING: ModelAccess = { candidates: [{ provider: "rehearsal", model: REHEARSAL, label: "Rehearsal" }] };

/** `sealed` names the provider whose key this machine cannot open, when no other one can answer. */
export type Lent = { kind: "lent"; access: ModelAccess } | { kind: "sealed"; provider: string };

/** @param choice the agent's `model` */
export async function lendModels({ db, vault }: { db: Db; vault: Vault }, company: string, choice: string): Promise<Lent> {
  const [providers, { tiers }] = await Promise.all([listProviders(db, company), readTiers(db, company)]);
  const models = resolve(choice, providers, tiers).slice(0, MAX_CANDIDATES);
  if (models.length === 0) return { kind: "lent", access: REHEARSING };
  const asked = models.map(({ provider: id, model }) => {
    const provider = providers.find((row) => row.id === id);
    return provider ? candidateOf(vault, provider, model) : undefined;
  });
  const candidates = (await Promise.all(asked)).filter((candidate) => candidate !== undefined);
  if (candidates.length > 0) return { kind: "lent", access: { candidates } };
  const first = providers.find(({ id }) => id === models[0]?.provider);
  return { kind: "sealed", provider: first?.name ?? "the provider" };
}

async function candidateOf(vault: Vault, provider: ProviderRow, model: string): Promise<ModelCandidate | undefined> {
  const opened = openKey(vault, provider);
  if (opened.kind === "sealed") return undefined;
  const { label, contextTokens, price } = await offerOf(provider, model);
  const key = opened.kind === "key" ? opened.key : undefined;
  return { provider: provider.kind, model, label, baseUrl: addressOf(provider), key, contextTokens, price };
}
