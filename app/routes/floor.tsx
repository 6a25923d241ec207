import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { CompanyState, RosterEntry } from "../../party/protocol/company.ts";
import { atLeast } from "../../party/protocol/roles.ts";
import { Button } from "../components/button.tsx";
import { Icon } from "../components/icon.tsx";
import { Sheet } from "../components/sheet.tsx";
import { EmptyState, TilesSkeleton } from "../components/states.tsx";
import { Feed } from "../features/floor/feed.tsx";
import { HereNow } from "../features/floor/here-now.tsx";
import { NewAgentDialog } from "../features/floor/new-agent-dialog.tsx";
import { byUrgency, summary } from "../features/floor/roster.ts";
import { PhoneTile, Tile } from "../features/floor/tile.tsx";
import { openNeeds } from "../features/needs/needs.ts";
import { NeedsList } from "../features/needs/needs-list.tsx";
import { TopNeed } from "../features/needs/top-need.tsx";
import { RehearsalBanner } from "../features/providers/rehearsal-banner.tsx";
import { useCompany } from "../features/shell/company-context.tsx";
import { Page } from "../features/shell/page.tsx";
import { FLOOR, placeWords } from "../features/shell/places.ts";
import { plural } from "../lib/format.ts";
import { useKeys } from "../lib/keys.ts";
import { useNarrow, usePhone } from "../lib/layout.ts";

export default function Floor() {
  const phone = usePhone();
  const narrow = useNarrow();
  const [railOpen, setRailOpen] = useState(false);
  const { state } = useCompany();
  useKeys({ "]": narrow && !phone ? () => setRailOpen(true) : undefined });
  const needs = state ? openNeeds(state).length : 0;
  return (
    <Page
      title="Floor"
      place={FLOOR}
      actions={
        narrow &&
        !phone && (
          <Button icon="inbox" shortcut="]" onClick={() => setRailOpen(true)}>
            Needs you {needs > 0 && <span className="count strong">{needs}</span>}
          </Button>
        )
      }
    >
      <RehearsalBanner />
      {phone ? <PhoneFloor /> : <DeskFloor narrow={narrow} railOpen={railOpen} onCloseRail={() => setRailOpen(false)} />}
    </Page>
  );
}

function DeskFloor({ narrow, railOpen, onCloseRail }: { narrow: boolean; railOpen: boolean; onCloseRail: () => void }) {
  const { state } = useCompany();
  return (
    <div className="with-rail">
      <section className="floor" aria-label="Agents at work">
        {state ? <Agents state={state} /> : <TilesSkeleton />}
      </section>
      {narrow ? (
        <Sheet open={railOpen} onClose={onCloseRail} side="right" label="Needs you and people">
          <Rail keys={false} />
        </Sheet>
      ) : (
        <aside className="rail" aria-label="Needs you and people">
          <Rail keys />
        </aside>
      )}
    </div>
  );
}

type Filter = "all" | "working" | "needs";
const FILTERS: readonly { id: Filter; label: string; match: (entry: RosterEntry) => boolean }[] = [
  { id: "all", label: "All", match: () => true },
  { id: "working", label: "Working", match: (entry) => entry.status === "working" || entry.status === "queued" },
  { id: "needs", label: "Need you", match: (entry) => entry.status === "waiting" },
];

function Agents({ state }: { state: CompanyState }) {
  const { role } = useCompany();
  const [making, setMaking] = useState(false);
  const [filter, setFilter] = useState<Filter>("all");
  const entries = Object.values(state.roster)
    .filter((entry) => entry.status !== "retired")
    .sort(byUrgency);
  const count = summary(entries);
  const why = atLeast(role, "admin") ? undefined : "Only admins make agents";
  useKeys({ c: why === undefined ? () => setMaking(true) : undefined });
  const match = FILTERS.find((one) => one.id === filter)?.match ?? (() => true);
  const shown = entries.filter(match);
  return (
    <>
      <div className="floor-head">
        <p className="lede">
          <b>{count.working} working</b>, <b>{count.waiting} waiting</b>, {count.stopped} stopped, {count.resting} resting.
        </p>
        <fieldset className="seg" aria-label="Filter agents">
          {FILTERS.map((one) => (
            <button key={one.id} type="button" aria-pressed={filter === one.id} onClick={() => setFilter(one.id)}>
              {one.label} <span className="num">{entries.filter(one.match).length}</span>
            </button>
          ))}
        </fieldset>
        <Button icon="plus" onClick={() => setMaking(true)} disabledBecause={why} shortcut="C">
          New agent
        </Button>
      </div>
      {shown.length > 0 ? (
        <ul className="tiles" aria-label="Agents">
          {shown.map((entry) => (
            <Tile key={entry.agent} entry={entry} />
          ))}
        </ul>
      ) : (
        <EmptyState icon="agent" title={entries.length === 0 ? "No agents yet" : "No agent here right now"}>
          {entries.length === 0 ? "Make one: a name and a few sentences are enough." : "Choose All to see every agent."}
        </EmptyState>
      )}
      <section className="strip" aria-labelledby="now">
        <div className="strip-head">
          <h2 id="now">Happening now</h2>
        </div>
        <Feed activity={state.activity} />
      </section>
      <NewAgentDialog open={making} onClose={() => setMaking(false)} />
    </>
  );
}

function Rail({ keys }: { keys: boolean }) {
  const { room, me, state } = useCompany();
  const needs = state ? openNeeds(state).length : 0;
  return (
    <>
      <div className="rail-head">
        <h2>Needs you</h2>
        {needs > 0 && <span className="count strong">{needs}</span>}
        {needs > 1 && <span className="rail-note">Most blocked first</span>}
      </div>
      {state && <NeedsList state={state} keys={keys} />}
      <div className="rail-head line">
        <h2>Here now</h2>
        <span className="count">{room.people.length}</span>
      </div>
      <HereNow people={room.people} me={me.id} words={(person) => placeWords(person, state)} />
    </>
  );
}

function PhoneFloor() {
  const { company, state, room, me } = useCompany();
  if (!state) {
    return (
      <main className="m-body">
        <TilesSkeleton />
      </main>
    );
  }
  const entries = Object.values(state.roster)
    .filter((entry) => entry.status !== "retired")
    .sort(byUrgency);
  const needs = openNeeds(state);
  return (
    <main className="m-body">
      <TopNeed state={state} />
      {needs.length > 1 && (
        <Link className="m-more" to="/c/$company/needs" params={{ company: company.id }}>
          <span>{plural(needs.length - 1, "more needs you", "more need you")}</span>
          <Icon name="right" className="dim" />
        </Link>
      )}
      <h2 className="m-head">
        Agents<span className="dim num">{summary(entries).working} working</span>
      </h2>
      <ul className="m-tiles" aria-label="Agents">
        {entries.map((entry) => (
          <PhoneTile key={entry.agent} entry={entry} />
        ))}
      </ul>
      <h2 className="m-head">Here now</h2>
      <HereNow people={room.people} me={me.id} words={(person) => placeWords(person, state)} />
    </main>
  );
}
