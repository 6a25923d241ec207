import { useQuery } from "@tanstack/react-query";
import { type RefObject, useEffect, useRef, useState } from "react";
import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { usePhone } from "../../lib/layout.ts";
import { membersQuery } from "../../lib/queries.ts";
import { showHidden } from "../../lib/visible-text.ts";
import { runStatus } from "../agent/outcome.ts";
import { byName } from "../floor/roster.ts";
import { useCompany } from "../shell/company-context.tsx";
import { ENDINGS, isNarrowed, OPEN_STATES, type RunsSearch, type Shown } from "./runs-filter.ts";

/** ms without a key after which the words go into the address */
const TYPING_MS = 250;

/** What the list is narrowed to. All of it stands in the address, so that a list can be sent to somebody. */
export function RunFilters({
  search,
  onSearch,
  input,
}: {
  search: RunsSearch;
  onSearch: (search: RunsSearch) => void;
  input: RefObject<HTMLInputElement | null>;
}) {
  const { company, state } = useCompany();
  const phone = usePhone();
  // A link that narrows shows by what.
  const [open, setOpen] = useState(() => isNarrowed({ ...search, q: undefined }));
  const members = useQuery(membersQuery(company.id));
  const agents = Object.values(state?.roster ?? {}).sort(byName);
  return (
    <search className="run-filters" data-shut={(phone && !open) || undefined}>
      <Words search={search} onSearch={onSearch} input={input} />
      {phone && (
        <Button small icon="layers" aria-expanded={open} onClick={() => setOpen(!open)}>
          Filters
        </Button>
      )}
      <select
        className="input"
        aria-label="How it stands"
        value={search.show ?? ""}
        onChange={({ target }) => onSearch({ ...search, show: shownOf(target.value) })}
      >
        <option value="">In any state</option>
        <optgroup label="Under way">
          {OPEN_STATES.map((one) => (
            <option key={one} value={one}>
              {runStatus({ state: one, outcome: undefined }).word}
            </option>
          ))}
        </optgroup>
        <optgroup label="Over">
          {ENDINGS.map((one) => (
            <option key={one} value={one}>
              {runStatus({ state: "ended", outcome: one }).word}
            </option>
          ))}
        </optgroup>
      </select>
      <select
        className="input"
        aria-label="Which agent"
        value={search.agent ?? ""}
        onChange={({ target }) => onSearch({ ...search, agent: target.value || undefined })}
      >
        <option value="">Every agent</option>
        {agents.map(({ agent, name }) => (
          <option key={agent} value={agent}>
            {showHidden(name)}
          </option>
        ))}
      </select>
      <select
        className="input"
        aria-label="Who asked"
        value={search.by ?? ""}
        onChange={({ target }) => onSearch({ ...search, by: target.value || undefined })}
      >
        <option value="">Asked by anyone</option>
        {members.data?.map(({ id, name }) => (
          <option key={id} value={id}>
            {showHidden(name)}
          </option>
        ))}
      </select>
      <span className="run-days">
        <input
          className="input"
          type="date"
          aria-label="First day"
          value={search.from ?? ""}
          max={search.to}
          onChange={({ target }) => onSearch({ ...search, from: target.value || undefined })}
        />
        <span aria-hidden="true">to</span>
        <input
          className="input"
          type="date"
          aria-label="Last day"
          value={search.to ?? ""}
          min={search.from}
          onChange={({ target }) => onSearch({ ...search, to: target.value || undefined })}
        />
      </span>
      {isNarrowed(search) && (
        <Button small kind="ghost" icon="x" onClick={() => onSearch({})}>
          Show all runs
        </Button>
      )}
    </search>
  );
}

function shownOf(value: string): Shown | undefined {
  return [...OPEN_STATES, ...ENDINGS].find((one) => one === value);
}

/** The words looked for. What is typed reaches the address a moment later, not letter by letter. */
function Words({ search, onSearch, input }: Parameters<typeof RunFilters>[0]) {
  const [typed, setTyped] = useState(search.q ?? "");
  const latest = useRef({ search, onSearch });
  /** what the address held when this field last put words there, or took them from there */
  const known = useRef(search.q);
  useEffect(() => {
    latest.current = { search, onSearch };
  });
  useEffect(() => {
    // The address changed by itself: a step back, or all filters taken off.
    if (search.q === known.current) return;
    known.current = search.q;
    setTyped(search.q ?? "");
  }, [search.q]);
  useEffect(() => {
    const q = typed.trim() || undefined;
    const timer = setTimeout(() => {
      if (q === known.current) return;
      known.current = q;
      latest.current.onSearch({ ...latest.current.search, q });
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <label className="conv-search">
      <Icon name="search" className="dim" />
      <span className="vh">Words of a run</span>
      <input
        ref={input}
        type="search"
        placeholder="Words of a title, a step or a result"
        maxLength={200}
        value={typed}
        onChange={({ target }) => setTyped(target.value)}
      />
    </label>
  );
}
