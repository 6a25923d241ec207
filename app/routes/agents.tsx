import { Link } from "@tanstack/react-router";
import { AgentAvatar } from "../components/avatar.tsx";
import { EmptyState, LogSkeleton } from "../components/states.tsx";
import { Status } from "../components/status.tsx";
import { agentStatus, byName, lastRunWords } from "../features/floor/roster.ts";
import { useCompany } from "../features/shell/company-context.tsx";
import { Page } from "../features/shell/page.tsx";
import { AGENTS } from "../features/shell/places.ts";
import { usePhone } from "../lib/layout.ts";
import { modelName } from "../lib/model-name.ts";

/** Every agent by name, retired ones last. */
export default function Agents() {
  const { company, state } = useCompany();
  const phone = usePhone();
  const entries = Object.values(state?.roster ?? {}).sort(
    (a, b) => Number(a.status === "retired") - Number(b.status === "retired") || byName(a, b),
  );
  const list = !state ? (
    <LogSkeleton />
  ) : entries.length === 0 ? (
    <EmptyState icon="agent" title="No agents yet">
      Agents made on the Floor appear here.
    </EmptyState>
  ) : (
    <ul className="agent-rows">
      {entries.map((entry) => (
        <li key={entry.agent}>
          <Link className="agent-row" to="/c/$company/agents/$agent" params={{ company: company.id, agent: entry.agent }}>
            <AgentAvatar name={entry.name} title={entry.title} />
            <span className="who">
              <b>{entry.name}</b>
              <span>{entry.title || "Agent"}</span>
            </span>
            <span className="agent-row-doing">{entry.doing || lastRunWords(entry, Date.now())}</span>
            <span className="agent-row-model">{modelName(entry.model)}</span>
            <Status {...agentStatus(entry)} />
          </Link>
        </li>
      ))}
    </ul>
  );
  return (
    <Page title="Agents" place={AGENTS}>
      {phone ? <main className="m-body">{list}</main> : <div className="column wide">{list}</div>}
    </Page>
  );
}
