import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import type { CompanyState } from "../../../party/protocol/company.ts";
import { Button } from "../../components/button.tsx";
import { Banner, EmptyState, LogSkeleton, Note } from "../../components/states.tsx";
import { usePhone } from "../../lib/layout.ts";
import { sentence } from "../../lib/queries.ts";
import { useCompany } from "../shell/company-context.tsx";
import { Page } from "../shell/page.tsx";
import { RUNS } from "../shell/places.ts";
import { RunFilters } from "./run-filters.tsx";
import { ReadMore, RunList } from "./run-list.tsx";
import { runsKey, runsQuery } from "./runs-api.ts";
import { isNarrowed, type RunsSearch } from "./runs-filter.ts";

/** ms between two readings of the list while agents change what they do */
const REFRESH_MS = 1_500;

/** Every run of the company that the person may see, narrowed by what stands in the address. */
export function RunsScreen({ search }: { search: RunsSearch }) {
  const phone = usePhone();
  const scroller = useRef<HTMLElement>(null);
  const content = <Content search={search} scroller={scroller} />;
  return (
    <Page title="Runs" place={RUNS}>
      {phone ? (
        <main className="m-body runs" ref={scroller}>
          {content}
        </main>
      ) : (
        <section className="runs" ref={scroller} aria-label="Runs">
          {content}
        </section>
      )}
    </Page>
  );
}

function Content({ search, scroller }: { search: RunsSearch; scroller: React.RefObject<HTMLElement | null> }) {
  const { company, state } = useCompany();
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const query = useInfiniteQuery(runsQuery(company.id, search));
  useFreshRuns(company.id, state);
  const go = (next: RunsSearch): void =>
    void navigate({ to: "/c/$company/runs", params: { company: company.id }, search: next, replace: true });
  const runs = query.data?.pages.flatMap((page) => page.items) ?? [];
  const stale = query.data?.pages.some((page) => page.stale) ?? false;
  const more = (): void => {
    if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage();
  };
  return (
    <>
      <RunFilters search={search} onSearch={go} input={input} />
      {stale && <Banner icon="offline">Some rooms do not answer now. Runs that go on there show how they last stood.</Banner>}
      {query.isError && runs.length === 0 ? (
        <Note
          kind="fail"
          icon="warn"
          title="The runs could not be read"
          action={<Button onClick={() => void query.refetch()}>Try again</Button>}
        >
          {sentence(query.error)}
        </Note>
      ) : query.isPending ? (
        <LogSkeleton />
      ) : runs.length === 0 ? (
        <Nothing search={search} onAll={() => go({})} />
      ) : (
        <>
          <RunList runs={runs} scroller={scroller} busy={query.isPlaceholderData} />
          {query.isFetchNextPageError ? (
            <p className="conv-more" role="alert">
              Older runs could not be read. <Button onClick={() => void query.fetchNextPage()}>Try again</Button>
            </p>
          ) : (
            query.hasNextPage && (
              <>
                <ReadMore scroller={scroller} onNear={more} />
                <p className="conv-more">
                  <Button small busy={query.isFetchingNextPage} onClick={more}>
                    Older runs
                  </Button>
                </p>
              </>
            )
          )}
        </>
      )}
    </>
  );
}

/** Reads the list again when an agent begins, ends or waits: the company's room tells that first. */
function useFreshRuns(company: string, state: CompanyState | undefined): void {
  const client = useQueryClient();
  const standing = Object.values(state?.roster ?? {})
    .map(({ status, run, last, queued }) => `${status}${run?.id}${last?.id}${queued}`)
    .join();
  const before = useRef(standing);
  useEffect(() => {
    if (before.current === standing) return;
    const timer = setTimeout(() => {
      before.current = standing;
      void client.invalidateQueries({ queryKey: runsKey(company) });
    }, REFRESH_MS);
    return () => clearTimeout(timer);
  }, [client, company, standing]);
}

function Nothing({ search, onAll }: { search: RunsSearch; onAll: () => void }) {
  if (isNarrowed(search)) {
    return (
      <EmptyState icon="search" title="No run fits" action={<Button onClick={onAll}>Show all runs</Button>}>
        {search.q === undefined
          ? "Take a filter off, or widen the days."
          : "Every word must occur, in the title, a step or the result. Try fewer words."}
      </EmptyState>
    );
  }
  return (
    <EmptyState icon="layers" title="No runs yet">
      Each piece of work of an agent is a run. It stays here, to be found, replayed and taken along.
    </EmptyState>
  );
}
