import { Link } from "@tanstack/react-router";
import { runSentence } from "../../../party/protocol/run-words.ts";
import { AgentAvatar } from "../../components/avatar.tsx";
import { Status } from "../../components/status.tsx";
import { useNow } from "../../lib/clock.ts";
import { costText, duration, when } from "../../lib/format.ts";
import { firstName } from "../../lib/identity.ts";
import { runStatus } from "../agent/outcome.ts";
import { useCompany } from "../shell/company-context.tsx";
import type { RunLine } from "./runs-api.ts";

/** One run of the list: how it stands, what it is, whose, when, how long and what it cost. */
export function RunRow({ run }: { run: RunLine }) {
  const { company, state } = useCompany();
  const agent = state?.roster[run.agent];
  const status = runStatus(run);
  const sentence = runSentence(run);
  return (
    <Link
      className="run-row"
      to="/c/$company/agents/$agent/runs/$run"
      params={{ company: company.id, agent: run.agent, run: run.id }}
      data-s={status.kind}
    >
      <Status {...status} />
      <span className="run-row-main">
        <b dir="auto">{run.title}</b>
        {sentence !== "" && (
          <span className="run-row-why" dir="auto">
            <span className="vh">, </span>
            {sentence}
          </span>
        )}
      </span>
      <span className="run-row-agent">
        <AgentAvatar name={agent?.name ?? "Agent"} title={agent?.title} size="xs" />
        <span>{agent?.name ?? "An agent that is gone"}</span>
      </span>
      <span className="run-row-by" title={run.by.name}>
        <span className="vh">asked by </span>
        {run.by.kind === "person" ? firstName(run.by.name) : run.by.name}
      </span>
      <time dateTime={run.queuedAt}>{when(run.queuedAt, Date.now())}</time>
      <span className="num run-row-took">
        <Took run={run} />
      </span>
      <span className="num run-row-cost">{costText(run.cost, run.basis)}</span>
    </Link>
  );
}

function Took({ run }: { run: RunLine }) {
  if (run.ms !== undefined) return duration(run.ms);
  return run.startedAt === undefined ? "" : <Counting since={run.startedAt} />;
}

function Counting({ since }: { since: string }) {
  const { room } = useCompany();
  return duration(useNow() + room.clockOffsetMs - Date.parse(since));
}
