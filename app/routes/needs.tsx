import { Link } from "@tanstack/react-router";
import { useCallback, useRef } from "react";
import type { CompanyState } from "../../party/protocol/company.ts";
import { Button } from "../components/button.tsx";
import { Icon } from "../components/icon.tsx";
import { Keys } from "../components/kbd.tsx";
import { Sheet } from "../components/sheet.tsx";
import { EmptyState, LogSkeleton } from "../components/states.tsx";
import { Settled } from "../features/needs/settled.tsx";
import { StopEverything } from "../features/needs/stop-everything.tsx";
import { askWords, type Tab } from "../features/needs/triage.ts";
import { TriageDetail } from "../features/needs/triage-detail.tsx";
import { TriageList } from "../features/needs/triage-list.tsx";
import { type Triage, useTriage } from "../features/needs/use-triage.ts";
import { useCompany } from "../features/shell/company-context.tsx";
import { Page } from "../features/shell/page.tsx";
import { NEEDS } from "../features/shell/places.ts";
import { useKeys } from "../lib/keys.ts";
import { usePhone } from "../lib/layout.ts";

/** Everything that needs a person in one ranked list, and the open card beside it; on a phone the card is a sheet. */
export default function Needs() {
  const { state } = useCompany();
  const phone = usePhone();
  return (
    <Page title="Needs you" place={NEEDS} actions={phone ? undefined : <StopEverything />}>
      {state ? phone ? <Phone state={state} /> : <Desk state={state} /> : <LogSkeleton />}
    </Page>
  );
}

function Desk({ state }: { state: CompanyState }) {
  const triage = useTriage(state, false);
  const detail = useRef<HTMLDivElement>(null);
  const items = triage.lists[triage.tab];
  const enter = useCallback(() => detail.current?.querySelector<HTMLElement>("h2[tabindex]")?.focus(), []);
  useKeys({ j: () => triage.move(1), k: () => triage.move(-1), z: () => void triage.undo() });
  return (
    <div className="with-list wide">
      <section className="triage" aria-label="Ranked list">
        <Tools triage={triage} />
        {items.length > 0 ? <TriageList items={items} triage={triage} onEnter={enter} /> : <Nothing tab={triage.tab} />}
        <Settled state={state} />
        <UndoLine triage={triage} />
        <Keybar />
      </section>
      <div ref={detail} className="detail-place">
        <TriageDetail state={state} triage={triage} phone={false} />
      </div>
    </div>
  );
}

function Phone({ state }: { state: CompanyState }) {
  const triage = useTriage(state, true);
  const items = triage.lists[triage.tab];
  return (
    <main className="m-body triage">
      <Tools triage={triage} />
      {items.length > 0 ? <TriageList items={items} triage={triage} onEnter={() => undefined} /> : <Nothing tab={triage.tab} />}
      <Settled state={state} />
      <div className="m-pad">
        <StopEverything />
      </div>
      <UndoLine triage={triage} />
      <Sheet
        open={triage.card !== undefined}
        onClose={() => triage.open(undefined)}
        side="bottom"
        label={triage.item ? askWords(triage.item) : "What was decided"}
      >
        <TriageDetail state={state} triage={triage} phone />
      </Sheet>
    </main>
  );
}

const TABS: readonly { id: Tab; label: string }[] = [
  { id: "mine", label: "For me" },
  { id: "team", label: "Team" },
  { id: "later", label: "Later" },
];

function Tools({ triage }: { triage: Triage }) {
  const { company } = useCompany();
  return (
    <div className="list-tools">
      <fieldset className="seg" aria-label="Filter">
        {TABS.map((tab) => (
          <button key={tab.id} type="button" aria-pressed={tab.id === triage.tab} onClick={() => triage.setTab(tab.id)}>
            {tab.label} <span className="num">{triage.lists[tab.id].length}</span>
          </button>
        ))}
      </fieldset>
      <span className="grow" />
      <Link className="rail-note" to="/c/$company/settings/patterns" params={{ company: company.id }}>
        Remembered patterns
      </Link>
    </div>
  );
}

const EMPTY: Record<Tab, { title: string; text: string }> = {
  mine: { title: "Nothing needs you", text: "Agents keep working. Questions and approvals land here, most blocked first." },
  team: { title: "Nothing needs anyone", text: "What waits for any of you shows here, also what someone else looks after." },
  later: { title: "Nothing is put off", text: "What you put off waits here until it comes back. Only you see it so." },
};

function Nothing({ tab }: { tab: Tab }) {
  const { title, text } = EMPTY[tab];
  return (
    <EmptyState icon="inbox" title={title}>
      {text}
    </EmptyState>
  );
}

/** The newest step that can be taken back. */
function UndoLine({ triage }: { triage: Triage }) {
  return (
    <div className="undo-line" role="status">
      {triage.undoable !== undefined && (
        <>
          <Icon name="undo" className="dim" />
          <span className="grow">{triage.undoable}</span>
          <Button small shortcut="Z" onClick={() => void triage.undo()}>
            Undo
          </Button>
        </>
      )}
    </div>
  );
}

const KEYS: readonly { keys: string[]; does: string }[] = [
  { keys: ["J", "K"], does: "move" },
  { keys: ["A"], does: "allow" },
  { keys: ["D"], does: "deny" },
  { keys: ["E"], does: "edit" },
  { keys: ["M"], does: "on it" },
  { keys: ["H"], does: "later" },
  { keys: ["Z"], does: "undo" },
];

function Keybar() {
  return (
    <div className="keybar" aria-hidden="true">
      {KEYS.map(({ keys, does }) => (
        <span key={does}>
          <Keys keys={keys} />
          {does}
        </span>
      ))}
    </div>
  );
}
