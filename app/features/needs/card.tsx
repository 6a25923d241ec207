import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { AgentAvatar } from "../../components/avatar.tsx";
import { useCompany } from "../shell/company-context.tsx";

/** The frame of every card: who asks what, the matter, and what can be done about it. */
export function Card({
  agentName,
  title,
  below,
  aside,
  children,
  foot,
}: {
  agentName: string;
  title: string;
  below: ReactNode;
  aside?: ReactNode;
  children?: ReactNode;
  foot?: ReactNode;
}) {
  return (
    <section className="detail" aria-label={title}>
      <div className="detail-in">
        <header className="detail-head">
          <AgentAvatar name={agentName} />
          <div className="grow">
            <h2 tabIndex={-1}>{title}</h2>
            <p className="dim">{below}</p>
          </div>
          {aside}
        </header>
        {children}
      </div>
      {foot && <footer className="detail-foot">{foot}</footer>}
    </section>
  );
}

/** Where an ask comes from. */
export function FromRun({ agent, agentName, run, title }: { agent: string; agentName: string; run: string; title: string }) {
  const { company } = useCompany();
  return (
    <>
      {agentName},{" "}
      <Link to="/c/$company/agents/$agent/runs/$run" params={{ company: company.id, agent, run }}>
        {title}
      </Link>
    </>
  );
}
