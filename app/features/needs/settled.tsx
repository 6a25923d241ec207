import { Link } from "@tanstack/react-router";
import { describeCall } from "../../../party/protocol/agent-state.ts";
import type { CompanyState } from "../../../party/protocol/company.ts";
import { Icon } from "../../components/icon.tsx";
import { statusIcon } from "../../components/status.tsx";
import { when } from "../../lib/format.ts";
import { inlineOf } from "../../lib/long-text.ts";
import { showHidden } from "../../lib/visible-text.ts";
import { useCompany } from "../shell/company-context.tsx";
import { endingOf } from "./approval-words.ts";
import { settledApprovals } from "./needs.ts";

/** Settled approvals that stay in sight, so that everyone sees who decided. */
const SETTLED_SHOWN = 4;

/** How the last approvals ended, each a link to its card. */
export function Settled({ state }: { state: CompanyState }) {
  const { company } = useCompany();
  const settled = settledApprovals(state, SETTLED_SHOWN);
  if (settled.length === 0) return null;
  const now = Date.now();
  return (
    <section className="settled" aria-labelledby="settled">
      <h2 id="settled">Settled</h2>
      <ul aria-live="polite">
        {settled.map((approval) => {
          const ending = endingOf(approval.state, approval.votes, approval.pattern !== undefined);
          return (
            ending && (
              <li key={approval.id}>
                <Icon name={statusIcon(ending.kind)} className={ending.kind} />
                <span className="grow">
                  <Link to="/c/$company/needs" params={{ company: company.id }} search={{ card: approval.id }}>
                    <b>{ending.text}</b>
                  </Link>
                  <span>
                    {approval.agentName}: <code>{showHidden(describeCall(approval.tool, inlineOf(approval.input)))}</code>
                    {ending.note && <q>{ending.note}</q>}
                  </span>
                </span>
                <time className="num" dateTime={approval.decidedAt}>
                  {approval.decidedAt && when(approval.decidedAt, now)}
                </time>
              </li>
            )
          );
        })}
      </ul>
    </section>
  );
}
