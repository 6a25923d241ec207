import { useEffect, useState } from "react";
import { describeCall } from "../../../party/protocol/agent-state.ts";
import type { CompanyState } from "../../../party/protocol/company.ts";
import { Icon } from "../../components/icon.tsx";
import { EmptyState } from "../../components/states.tsx";
import { statusIcon } from "../../components/status.tsx";
import { when } from "../../lib/format.ts";
import { inlineOf } from "../../lib/long-text.ts";
import { showHidden } from "../../lib/visible-text.ts";
import { useCompany } from "../shell/company-context.tsx";
import { endingOf } from "./approval-words.ts";
import { NeedCard } from "./need-card.tsx";
import { openNeeds, settledApprovals } from "./needs.ts";
import { useDecide } from "./use-decide.ts";

/** Settled approvals that stay in sight, so that everyone sees who decided. */
const SETTLED_SHOWN = 4;

/** The needs of a company, the most blocking one open, and below them how the last ones ended. */
export function NeedsList({ state, keys }: { state: CompanyState; keys: boolean }) {
  const { room } = useCompany();
  const decide = useDecide();
  const needs = openNeeds(state);
  const [chosen, setChosen] = useState<string>();
  const openId = needs.some((need) => need.id === chosen) ? chosen : needs[0]?.id;
  const open = needs.find((need) => need.id === openId);
  const replaced = useReplaced(openId, chosen);
  const deciding = open?.kind === "approval" ? open.id : undefined;
  const { store } = room;
  useEffect(() => {
    store.present({ deciding: chosen === deciding ? deciding : undefined });
    return () => store.present({ deciding: undefined });
  }, [store, chosen, deciding]);
  if (needs.length === 0) {
    return (
      <>
        <EmptyState icon="inbox" title="Nothing needs you">
          Agents keep working. Questions and approvals land here, most blocked first.
        </EmptyState>
        <Settled state={state} />
      </>
    );
  }
  return (
    <>
      <ol className="needs" aria-label="Needs you">
        {needs.map((need) => (
          <NeedCard
            key={need.id}
            need={need}
            open={need.id === openId}
            onOpen={() => setChosen(need.id)}
            decide={decide}
            keys={keys && need.id === openId}
            replaced={replaced}
          />
        ))}
      </ol>
      <Settled state={state} />
    </>
  );
}

/** True when the open need took the place of another by itself. */
function useReplaced(openId: string | undefined, chosen: string | undefined): boolean {
  const [last, setLast] = useState({ openId, replaced: false });
  if (last.openId === openId) return last.replaced;
  const replaced = last.openId !== undefined && openId !== chosen;
  setLast({ openId, replaced });
  return replaced;
}

function Settled({ state }: { state: CompanyState }) {
  const settled = settledApprovals(state, SETTLED_SHOWN);
  if (settled.length === 0) return null;
  const now = Date.now();
  return (
    <section className="settled" aria-labelledby="settled">
      <h2 id="settled">Settled</h2>
      <ul aria-live="polite">
        {settled.map((approval) => {
          const ending = endingOf(approval.state, approval.votes);
          return (
            ending && (
              <li key={approval.id}>
                <Icon name={statusIcon(ending.kind)} className={ending.kind} />
                <span className="grow">
                  <b>{ending.text}</b>
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
