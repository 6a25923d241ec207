import { useEffect, useState } from "react";
import type { CompanyState } from "../../../party/protocol/company.ts";
import { EmptyState } from "../../components/states.tsx";
import { useCompany } from "../shell/company-context.tsx";
import { NeedCard } from "./need-card.tsx";
import { openNeeds } from "./needs.ts";
import { Settled } from "./settled.tsx";
import { useDecide } from "./use-decide.ts";

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
