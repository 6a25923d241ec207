import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { body, inCompany } from "../../lib/api.ts";

export const KINDS = ["run", "step", "message", "file"] as const;
export type Kind = (typeof KINDS)[number];

/** Found things of a kind that show while somebody types. */
const AT_A_GLANCE = "4";
/** Found things read at once on the page of all. */
const PAGE = "40";

interface Ask {
  q: string;
  kinds?: string | undefined;
  limit: string;
  cursor?: string | undefined;
}

function find(companyId: string, query: Ask, signal: AbortSignal) {
  return body(inCompany.search.$get({ param: { companyId }, query }, { init: { signal } }));
}

export type Found = Awaited<ReturnType<typeof find>>["items"][number];

/** The newest of each kind. What was found before stays on the screen until the next answer; older requests are broken off. */
export const glanceQuery = (company: string, q: string) =>
  queryOptions({
    queryKey: ["search", company, "glance", q],
    queryFn: async ({ signal }): Promise<Record<Kind, readonly Found[]>> => {
      const [run, step, message, file] = await Promise.all(
        KINDS.map(async (kinds) => (await find(company, { q, kinds, limit: AT_A_GLANCE }, signal)).items),
      );
      return { run: run ?? [], step: step ?? [], message: message ?? [], file: file ?? [] };
    },
    enabled: q !== "",
    placeholderData: keepPreviousData,
  });

/** Everything that was found, the newest first. */
export const searchQuery = (company: string, q: string, kind: Kind | undefined) =>
  infiniteQueryOptions({
    queryKey: ["search", company, "all", q, kind],
    queryFn: ({ pageParam, signal }) => find(company, { q, kinds: kind, limit: PAGE, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    enabled: q !== "",
    placeholderData: keepPreviousData,
  });
