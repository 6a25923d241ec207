import { infiniteQueryOptions, keepPreviousData } from "@tanstack/react-query";
import { body, inCompany } from "../../lib/api.ts";
import { type RunsSearch, runsQueryOf } from "./runs-filter.ts";

/** Runs read at once. */
const PAGE = "50";

async function list(companyId: string, search: RunsSearch, cursor: string | undefined, signal: AbortSignal) {
  const query = { ...runsQueryOf(search), limit: PAGE, cursor };
  return body(inCompany.runs.$get({ param: { companyId }, query }, { init: { signal } }));
}

export type RunLine = Awaited<ReturnType<typeof list>>["items"][number];

export const runsKey = (company: string) => ["runs", company, "list"] as const;

/** Runs of a company, the newest first, page by page. */
export const runsQuery = (company: string, search: RunsSearch) =>
  infiniteQueryOptions({
    queryKey: [...runsKey(company), search],
    queryFn: ({ pageParam, signal }) => list(company, search, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });

/** Where a run can be taken along from. */
export function exportUrl(company: string, run: string, format: "json" | "html"): string {
  return `/api/companies/${company}/runs/${run}/export?format=${format}`;
}
