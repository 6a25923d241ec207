import { Link } from "@tanstack/react-router";
import type { CompanyState } from "../../../party/protocol/company.ts";
import { AgentAvatar, Avatar } from "../../components/avatar.tsx";
import { Icon } from "../../components/icon.tsx";
import { clock } from "../../lib/format.ts";
import { useCompany } from "../shell/company-context.tsx";

const SHOWN = 12;

/** What happened in the company, newest first. Silent for screen readers: it moves all the time. */
export function Feed({ activity }: { activity: CompanyState["activity"] }) {
  const { company, state } = useCompany();
  if (activity.length === 0) return <p className="feed-empty dim">What agents and people do appears here as it happens.</p>;
  return (
    <div role="log" aria-live="off">
      <ol className="feed">
        {activity
          .slice(-SHOWN)
          .toReversed()
          .map((entry) => {
            const agent = entry.agent ? state?.roster[entry.agent] : undefined;
            return (
              <li key={entry.seq}>
                <time className="num" dateTime={entry.at}>
                  {clock(entry.at)}
                </time>
                <Actor by={entry.by} />
                <span>
                  <b>{entry.by.name}</b> {entry.text}
                </span>
                {agent && entry.agent && entry.run ? (
                  <Link
                    className="where"
                    to="/c/$company/agents/$agent/runs/$run"
                    params={{ company: company.id, agent: entry.agent, run: entry.run }}
                  >
                    {agent.name}
                  </Link>
                ) : (
                  <span className="where">{agent?.name}</span>
                )}
              </li>
            );
          })}
      </ol>
    </div>
  );
}

function Actor({ by }: { by: CompanyState["activity"][number]["by"] }) {
  if (by.kind === "person") return <Avatar person={by} size="xs" decorative />;
  if (by.kind === "agent") return <AgentAvatar name={by.name} size="xs" />;
  return <Icon name="logo" className="dim" />;
}
