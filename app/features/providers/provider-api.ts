import { queryOptions } from "@tanstack/react-query";
import type { Tier } from "../../../party/protocol/model-choice.ts";
import type { Protocol } from "../../../party/protocol/provider-key.ts";
import { body, inCompany } from "../../lib/api.ts";

const ofProvider = inCompany.providers[":providerId"];

export interface NewProvider {
  kind: Protocol;
  name?: string | undefined;
  baseUrl?: string | undefined;
  key?: string | undefined;
  named?: string[] | undefined;
}
export interface ProviderChange {
  version: number;
  name?: string;
  key?: string;
  baseUrl?: string | null;
  named?: string[];
}
export type TierLists = Record<Tier, string[]>;

/** What the screens of models ask of the API. A key goes in; none comes out. */
export const providerApi = {
  list: async (companyId: string) => (await body(inCompany.providers.$get({ param: { companyId } }))).items,
  local: async (companyId: string) => (await body(inCompany.providers.local.$get({ param: { companyId } }))).items,
  add: (companyId: string, json: NewProvider) => body(inCompany.providers.$post({ param: { companyId }, json })),
  change: (companyId: string, providerId: string, json: ProviderChange) =>
    body(ofProvider.$patch({ param: { companyId, providerId }, json })),
  test: (companyId: string, providerId: string) => body(ofProvider.test.$post({ param: { companyId, providerId } })),
  remove: (companyId: string, providerId: string) => body(ofProvider.$delete({ param: { companyId, providerId } })),
  models: (companyId: string) => body(inCompany.models.$get({ param: { companyId }, query: {} })),
  /** The same without the list, which is long and knows prices. */
  tiers: (companyId: string) => body(inCompany.models.$get({ param: { companyId }, query: { list: "0" } })),
  saveTiers: (companyId: string, tiers: TierLists, version: number) =>
    body(inCompany.models.tiers.$put({ param: { companyId }, json: { ...tiers, version } })),
};

export type Provider = Awaited<ReturnType<typeof providerApi.list>>[number];
export type Models = Awaited<ReturnType<typeof providerApi.models>>;
export type OfferedModel = Models["models"][number];

export const providersQuery = (company: string) =>
  queryOptions({ queryKey: ["providers", company], queryFn: () => providerApi.list(company) });
export const modelsQuery = (company: string) =>
  queryOptions({ queryKey: ["models", company], queryFn: () => providerApi.models(company) });
/** Whether a model answers at all; for every screen that names the model of an agent. */
export const readyQuery = (company: string) =>
  queryOptions({
    queryKey: [...modelsQuery(company).queryKey, "ready"],
    queryFn: async () => (await providerApi.tiers(company)).ready,
  });
/** Looks on the machine of the instance each time it is asked; never again by itself. */
export const localQuery = (company: string) =>
  queryOptions({
    queryKey: ["providers-local", company],
    queryFn: () => providerApi.local(company),
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    retry: false,
  });
