import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { needsApi } from "./needs-api.ts";

const laterQuery = (company: string) => queryOptions({ queryKey: ["later", company], queryFn: () => needsApi.later(company) });

export interface Later {
  /** by need: when it comes back, ISO 8601 */
  until: ReadonlyMap<string, string>;
  /** @throws ApiError; the list is as before then */
  put: (need: string, until: string | null) => Promise<void>;
}

/** What this person has put off. The list shows it at once and is put right when the api refuses. */
export function useLater(company: string): Later {
  const client = useQueryClient();
  const query = laterQuery(company);
  const { data } = useQuery(query);
  const until = useMemo(() => new Map(data?.map((one) => [one.need, one.until])), [data]);
  return {
    until,
    put: async (need, at) => {
      const others = (data ?? []).filter((one) => one.need !== need);
      client.setQueryData(query.queryKey, at === null ? others : [...others, { need, until: at }]);
      try {
        await needsApi.putOff(company, need, at);
      } finally {
        await client.invalidateQueries(query);
      }
    },
  };
}
