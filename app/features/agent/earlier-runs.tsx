import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { AgentState, RunView } from "../../../party/protocol/agent.ts";
import { LIMITS } from "../../../party/protocol/limits.ts";
import { Icon } from "../../components/icon.tsx";
import { statusIcon } from "../../components/status.tsx";
import { api } from "../../lib/api.ts";
import { took } from "../../lib/format.ts";
import { useCompany } from "../shell/company-context.tsx";
import { runStatus } from "./outcome.ts";
import { endedRuns } from "./run-pick.ts";

type Listed = Pick<RunView, "id" | "title" | "state" | "outcome" | "ms">;

/** Runs that are over, newest first: those the room keeps, then the records, page by page. */
export function EarlierRuns({ state, current }: { state: AgentState; current: string | undefined }) {
  const { company } = useCompany();
  const [older, setOlder] = useState(false);
  const agent = state.config?.id;
  const records = useInfiniteQuery({
    queryKey: ["runs", company.id, agent],
    queryFn: ({ pageParam }) => api.runs(company.id, agent ?? "", pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    enabled: older && agent !== undefined,
  });
  if (agent === undefined) return null;
  const kept = endedRuns(state);
  const known = new Set(kept.map((run) => run.id));
  const rest =
    records.data?.pages.flatMap((page) => page.items).filter((run) => run.state === "ended" && !known.has(run.id)) ?? [];
  const runs: Listed[] = [...kept, ...rest].filter((run) => run.id !== current);
  if (runs.length === 0) return null;
  // The room lets go of the oldest once it keeps its number: only then are there others in the records.
  const more = older ? records.hasNextPage : state.ended.length >= LIMITS.snapshotRuns;
  return (
    <>
      <div className="rail-head line">
        <h2>Earlier runs</h2>
      </div>
      <ul className="files">
        {runs.map((run) => {
          const status = runStatus(run);
          return (
            <li key={run.id}>
              <Icon name={statusIcon(status.kind)} className={status.kind} />
              <Link
                className="grow"
                to="/c/$company/agents/$agent/runs/$run"
                params={{ company: company.id, agent, run: run.id }}
              >
                {run.title}
                <span className="vh">, {status.word}</span>
              </Link>
              <span className="num dim">{run.ms === undefined ? "" : took(run.ms)}</span>
            </li>
          );
        })}
      </ul>
      {more && (
        <p className="pad">
          <button
            type="button"
            className="link"
            aria-busy={records.isFetching}
            onClick={() => (older ? void records.fetchNextPage() : setOlder(true))}
          >
            {records.isFetching ? "Reading" : records.isError ? "They could not be read. Try again" : "Older runs"}
          </button>
        </p>
      )}
    </>
  );
}
