import { type QueryClient, useMutation, useMutationState, useQueryClient } from "@tanstack/react-query";
import { toast } from "../../components/toast.tsx";
import { sentence } from "../../lib/queries.ts";
import { useCompany } from "../shell/company-context.tsx";
import { modelsQuery, providerApi, providersQuery } from "./provider-api.ts";

/** What is known of providers and models is read again. */
export function refreshModels(client: QueryClient, company: string): void {
  void client.invalidateQueries(providersQuery(company));
  void client.invalidateQueries(modelsQuery(company));
}

const TEST = ["provider-test"];

/** Tests a provider. What was found is in its row; only a test that could not be made is told in a toast. */
export function useTest() {
  const { company } = useCompany();
  const client = useQueryClient();
  return useMutation({
    mutationKey: TEST,
    mutationFn: (provider: string) => providerApi.test(company.id, provider),
    onError: (error) => toast("fail", sentence(error)),
    onSettled: () => refreshModels(client, company.id),
  });
}

/** True while a provider is tested, wherever on the screen that was begun. */
export function useTesting(provider: string): boolean {
  const testing = useMutationState({
    filters: { mutationKey: TEST, status: "pending" },
    select: ({ state }) => state.variables,
  });
  return testing.includes(provider);
}
