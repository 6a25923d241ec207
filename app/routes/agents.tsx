import { Link } from "@tanstack/react-router";
import type { CompanyState, RosterEntry } from "../../party/protocol/company.ts";
import { AgentAvatar } from "../components/avatar.tsx";
import { Icon } from "../components/icon.tsx";
import { EmptyState, LogSkeleton } from "../components/states.tsx";
import { Status } from "../components/status.tsx";
import { about, agentStatus, byName, lastRunWords } from "../features/floor/roster.ts";
import { askOf } from "../features/needs/needs.ts";
import { useAnswering } from "../features/providers/use-answering.ts";
import { useCompany } from "../features/shell/company-context.tsx";
import { Page } from "../features/shell/page.tsx";
import { AGENTS } from "../features/shell/places.ts";
import { usePhone } from "../lib/layout.ts";
import { modelName } from "../lib/model-name.ts";

/** Every agent by name, retired ones last. */
export default function Agents() {
  const { company, state } = useCompany();
  const phone = usePhone();
  const answering = useAnswering();
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
        <li key={entry.agent} className="agent-line">
          <Link className="agent-row" to="/c/$company/agents/$agent" params={{ company: company.id, agent: entry.agent }}>
            <AgentAvatar name={entry.name} title={entry.title} />
            <span className="who">
              <b>{entry.name}</b>
              <span>{entry.title || "Agent"}</span>
            </span>
            <span className="agent-row-doing">{rowWords(entry, state)}</span>
            <span className="agent-row-model">{modelName(answering(entry.model))}</span>
            <Status {...agentStatus(entry)} />
          </Link>
          {entry.status !== "retired" && (
            <Link
              className="btn icon ghost"
              to="/c/$company/agents/$agent/settings"
              params={{ company: company.id, agent: entry.agent }}
              aria-label={`Settings of ${entry.name}`}
            >
              <Icon name="settings" />
            </Link>
          )}
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

function rowWords(entry: RosterEntry, state: CompanyState): string {
  const busy = entry.run !== undefined || entry.status === "failed";
  return busy ? about(entry, askOf(state, entry.agent)) : lastRunWords(entry, Date.now());
}
