import { Dialog } from "@base-ui/react/dialog";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { IconButton } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { Keys } from "../../components/kbd.tsx";
import { plural } from "../../lib/format.ts";
import { usePhone } from "../../lib/layout.ts";
import { sentence } from "../../lib/queries.ts";
import { useCompany } from "../shell/company-context.tsx";
import { FoundText, KIND_WORDS, placeOf } from "./found.tsx";
import { type Found, glanceQuery, KINDS } from "./search-api.ts";
import { useSettled } from "./use-settled.ts";

/** ms without a key after which the words are looked for */
const TYPING_MS = 120;

/** Searches runs, steps, messages and files while somebody types; Enter opens the exact place. */
export default function SearchDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog.Root open onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="scrim" />
        <Dialog.Viewport className="palette-place">
          <Dialog.Popup className="palette" aria-label="Search">
            <Search onClose={onClose} />
          </Dialog.Popup>
        </Dialog.Viewport>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Search({ onClose }: { onClose: () => void }) {
  const { company } = useCompany();
  const navigate = useNavigate();
  const phone = usePhone();
  const list = useId();
  const [typed, setTyped] = useState("");
  const q = useSettled(typed.trim(), TYPING_MS);
  const query = useQuery(glanceQuery(company.id, q));
  const groups = q === "" || !query.data ? [] : KINDS.map((kind) => ({ kind, found: query.data[kind] }));
  const shown = groups.flatMap(({ found }) => found);
  const [chosen, setChosen] = useState<string>();
  const current = shown.find((found) => keyOf(found) === chosen) ?? shown[0];
  const optionId = (found: Found): string => `${list}-${shown.indexOf(found)}`;
  const all = { to: "/c/$company/search", params: { company: company.id }, search: { q } } as const;
  const open = (found: Found): void => {
    void navigate(placeOf(company.id, found));
    onClose();
  };
  const [entered, setEntered] = useState(false);
  // What is on the screen may still be what was found for fewer letters: Enter is for the words as they stand.
  const fresh = q === typed.trim() && query.isSuccess && !query.isPlaceholderData;
  useEffect(() => {
    if (!entered || !fresh) return;
    setEntered(false);
    if (current) open(current);
  });
  const move = (by: number): void => {
    const next = shown[(shown.indexOf(current ?? shown[0] ?? FIRST) + by + shown.length) % shown.length];
    if (next) setChosen(keyOf(next));
  };
  const press = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if ((event.ctrlKey || event.metaKey) && q !== "") {
        void navigate(all);
        onClose();
      } else if (typed.trim() !== "") setEntered(true);
    }
  };
  return (
    <>
      <div className="pal-top">
        <Icon name="search" className="dim" />
        <input
          className="pal-in"
          type="text"
          role="combobox"
          aria-label="Search runs, steps, messages and files"
          aria-expanded={shown.length > 0}
          aria-controls={list}
          aria-activedescendant={current && optionId(current)}
          aria-autocomplete="list"
          placeholder="Words you remember"
          maxLength={200}
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={({ target }) => {
            setTyped(target.value);
            setEntered(false);
          }}
          onKeyDown={press}
        />
        {phone ? <IconButton icon="x" label="Close" onClick={onClose} /> : <Keys keys={["Esc"]} />}
      </div>
      <div className="pal-list" id={list} role="listbox" aria-label="Found" aria-busy={query.isFetching}>
        {groups.map(
          ({ kind, found }) =>
            found.length > 0 && (
              // biome-ignore lint/a11y/useSemanticElements: a group of options, which no element is
              <div key={kind} role="group" aria-label={KIND_WORDS[kind]}>
                <p className="pal-group" aria-hidden="true">
                  {KIND_WORDS[kind]}
                </p>
                {found.map((one) => (
                  <Option
                    key={keyOf(one)}
                    id={optionId(one)}
                    found={one}
                    selected={one === current}
                    onPoint={() => setChosen(keyOf(one))}
                    onClose={onClose}
                  />
                ))}
              </div>
            ),
        )}
      </div>
      <p className="pal-note" role="status">
        {wordsFor(q, query.isError ? sentence(query.error) : undefined, query.isPending, shown.length)}
      </p>
      <div className="pal-foot">
        <span>
          <Keys keys={["↑", "↓"]} /> move
        </span>
        <span>
          <Keys keys={["Enter"]} /> open
        </span>
        <span className="grow" />
        {q === "" ? (
          <Link to="/c/$company/runs" params={{ company: company.id }} onClick={onClose}>
            All runs
          </Link>
        ) : (
          <Link {...all} onClick={onClose}>
            Show all
          </Link>
        )}
      </div>
    </>
  );
}

/** Before anything is shown there is nothing to move from. */
const FIRST: Found = { kind: "run", ref: "", title: "", byName: "", at: "", snippet: [] };

function keyOf(found: Found): string {
  return `${found.kind}:${found.ref}:${found.seq ?? ""}`;
}

function wordsFor(q: string, problem: string | undefined, pending: boolean, count: number): string {
  if (q === "") return "Every word must occur; the last one may be the beginning of a word. Words in quotes stand together.";
  if (problem !== undefined) return problem;
  if (pending) return "Searching";
  return count === 0 ? `Nothing is found for "${q}"` : `${plural(count, "result", "results")}, the newest of each kind`;
}

function Option({
  id,
  found,
  selected,
  onPoint,
  onClose,
}: {
  id: string;
  found: Found;
  selected: boolean;
  onPoint: () => void;
  onClose: () => void;
}) {
  const { company } = useCompany();
  const row = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (selected) row.current?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  return (
    <Link
      ref={row}
      id={id}
      className="pal-row found"
      role="option"
      aria-selected={selected}
      tabIndex={-1}
      preload={false}
      {...placeOf(company.id, found)}
      onPointerMove={onPoint}
      onClick={onClose}
    >
      <FoundText found={found} />
    </Link>
  );
}
