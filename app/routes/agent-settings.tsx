import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { atLeast } from "../../party/protocol/roles.ts";
import { AgentAvatar } from "../components/avatar.tsx";
import { Button } from "../components/button.tsx";
import { Icon } from "../components/icon.tsx";
import { EmptyState, LogSkeleton, Note } from "../components/states.tsx";
import { agentQuery } from "../features/agent-settings/agent-api.ts";
import { SettingsForm } from "../features/agent-settings/settings-form.tsx";
import { WorkingLife } from "../features/agent-settings/working-life.tsx";
import { useCompany } from "../features/shell/company-context.tsx";
import { Page } from "../features/shell/page.tsx";
import { placeOfAgent } from "../features/shell/places.ts";
import { ApiError } from "../lib/http.ts";
import { usePhone } from "../lib/layout.ts";
import { sentence } from "../lib/queries.ts";

/** How an agent is set up, and its working life. */
export default function AgentSettings() {
  const { agent } = useParams({ from: "/c/$company/agents/$agent/settings" });
  return <Settings key={agent} id={agent} />;
}

function Settings({ id }: { id: string }) {
  const { company, role, state } = useCompany();
  const phone = usePhone();
  const agent = useQuery(agentQuery(company.id, id));
  const name = agent.data?.name ?? state?.roster[id]?.name ?? "Agent";
  const title = `Settings of ${name}`;
  const room = { to: "/c/$company/agents/$agent", params: { company: company.id, agent: id } } as const;
  return (
    <Page
      title={title}
      place={placeOfAgent(id)}
      heading={
        <>
          <Link {...room}>{name}</Link>
          <Icon name="right" />
          <AgentAvatar name={name} title={agent.data?.title} size="sm" />
          <h1>Settings</h1>
        </>
      }
      phoneTop={
        phone && (
          <header className="m-top room-top">
            <Link className="btn icon ghost" {...room} aria-label={`Back to ${name}`}>
              <Icon name="left" />
            </Link>
            <span className="who">
              <h1>{title}</h1>
            </span>
          </header>
        )
      }
    >
      {phone ? <main className="m-body m-pad">{content()}</main> : <div className="column">{content()}</div>}
    </Page>
  );

  function content() {
    if (agent.isPending) return <LogSkeleton />;
    if (agent.isError) return <Failed error={agent.error} onRetry={() => void agent.refetch()} />;
    const { data } = agent;
    if (data.retired) {
      return (
        <EmptyState icon="agent" title={`${data.name} is retired`}>
          What it did stays readable in its room. Make a new agent on the Floor.
        </EmptyState>
      );
    }
    const admin = atLeast(role, "admin");
    return (
      <>
        {!admin && <p className="help">Only admins change agents. This is how {data.name} is set up.</p>}
        <SettingsForm agent={data} admin={admin} />
        <WorkingLife agent={data} />
      </>
    );
  }
}

function Failed({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const missing = error instanceof ApiError && error.status === 404;
  return (
    <Note
      kind="fail"
      icon="warn"
      title={missing ? "There is no such agent" : "The agent could not be read"}
      action={!missing && <Button onClick={onRetry}>Try again</Button>}
    >
      {sentence(error)}
    </Note>
  );
}
