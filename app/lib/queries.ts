import { QueryClient, queryOptions } from "@tanstack/react-query";
import { api } from "./api.ts";
import { ApiError, isSilence } from "./http.ts";

/** ms a record counts as fresh; what changes live comes from the rooms */
const FRESH_MS = 15_000;
const RETRIES = 2;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: FRESH_MS,
      // An answer of the api is an answer; only silence and server trouble are worth another try.
      retry: (failures, error) =>
        failures < RETRIES && (!(error instanceof ApiError) || error.status === 0 || error.status >= 500),
    },
    mutations: { retry: false },
  },
});

/**
 * For what a screen cannot be shown without: silence is told at once, by a page that asks again by itself. `always`: a browser
 * that believes to be offline is wrong about an Atrium on the same machine.
 */
export const atOnce = {
  networkMode: "always",
  retry: (failures: number, error: Error) =>
    failures < RETRIES && !isSilence(error) && (!(error instanceof ApiError) || error.status >= 500),
} as const;

export const meQuery = queryOptions({ queryKey: ["me"], queryFn: async () => (await api.me()).user });
export const companiesQuery = queryOptions({ queryKey: ["companies"], queryFn: async () => (await api.companies()).items });
export const membersQuery = (company: string) =>
  queryOptions({ queryKey: ["members", company], queryFn: async () => (await api.members(company)).items });
export const invitesQuery = (company: string) =>
  queryOptions({ queryKey: ["invites", company], queryFn: async () => (await api.invites(company)).items });
export const runQuery = (company: string, run: string) =>
  queryOptions({ queryKey: ["run", company, run], queryFn: () => api.run(company, run) });

/** The sentence a failed action is told with. */
export function sentence(error: unknown): string {
  return error instanceof Error && error.message ? error.message : "Something went wrong. Try again in a moment.";
}
