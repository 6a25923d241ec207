import { type KeyboardEvent, useEffect, useRef } from "react";
import { AgentAvatar } from "../../components/avatar.tsx";
import { ago } from "../../lib/format.ts";
import { showHidden } from "../../lib/visible-text.ts";
import { useCompany } from "../shell/company-context.tsx";
import { agentNameOf, askWords, callWords, type TriageItem, waitWords } from "./triage.ts";
import type { Triage } from "./use-triage.ts";

/** The ranked list. J and K move, also the arrows while it has the focus; Enter goes into the open card. */
export function TriageList({ items, triage, onEnter }: { items: readonly TriageItem[]; triage: Triage; onEnter: () => void }) {
  const press = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown") triage.move(1);
    else if (event.key === "ArrowUp") triage.move(-1);
    else if (event.key === "Enter") onEnter();
    else return;
    event.preventDefault();
  };
  const list = useRef<HTMLDivElement>(null);
  const { card } = triage;
  useEffect(() => {
    if (card !== undefined) list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [card]);
  return (
    <div ref={list} className="tri-list" role="listbox" aria-label="Needs you" tabIndex={0} onKeyDown={press}>
      {items.map((item) => (
        <Row key={item.id} item={item} triage={triage} />
      ))}
    </div>
  );
}

function Row({ item, triage }: { item: TriageItem; triage: Triage }) {
  const { now, later, card, open } = triage;
  const name = agentNameOf(item);
  const { me } = useCompany();
  const back = later.get(item.id);
  const call = callWords(item);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the listbox around it has the focus and takes the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the listbox has the focus; its option is told by aria-selected
    <div className="tri" role="option" aria-selected={item.id === card} onClick={() => open(item.id)}>
      <span className={item.held === 0 ? "rank zero" : "rank"}>
        <b className="num">{item.held}</b>held
      </span>
      <span className="tri-main">
        <span className="tri-top">
          <AgentAvatar name={name} size="xs" />
          <span className="tri-name">{name}</span>
          {item.at !== undefined && <time dateTime={item.at}>{ago(item.at, now)}</time>}
        </span>
        <b>{askWords(item)}</b>
        {call !== undefined && <code className="tri-call">{showHidden(call)}</code>}
        <span className="tri-sub">{waitWords(item, now, me.id, back && Date.parse(back) > now ? back : undefined)}</span>
      </span>
    </div>
  );
}
