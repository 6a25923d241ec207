import { createContext, lazy, type ReactNode, Suspense, useContext, useEffect, useState } from "react";
import { IconButton } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { Keys } from "../../components/kbd.tsx";
import { useKeys } from "../../lib/keys.ts";

// Fetched when it is first asked for: most visits never search.
const load = () => import("./search-dialog.tsx");
const SearchDialog = lazy(load);

const OpenSearch = createContext<() => void>(() => undefined);

/** Keeps the search at hand on every screen: `/`, and Ctrl or Cmd with K also while typing. */
export function SearchHost({ children }: { children: ReactNode }) {
  const [open, setOpen] = useState(false);
  const [begin] = useState(() => () => setOpen(true));
  useKeys({ "/": begin }, "everywhere");
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      event.preventDefault();
      setOpen((before) => !before);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
  return (
    <OpenSearch value={begin}>
      {children}
      {open && (
        <Suspense>
          <SearchDialog onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </OpenSearch>
  );
}

/** Opens the search by pointer, and says which keys do. */
export function FindButton({ phone }: { phone: boolean }) {
  const open = useContext(OpenSearch);
  if (phone) return <IconButton icon="search" label="Search" onClick={open} />;
  return (
    <button type="button" className="find" onClick={open} onPointerEnter={() => void load()} aria-keyshortcuts="Control+K">
      <Icon name="search" />
      <span>Search</span>
      <Keys keys={["Ctrl", "K"]} />
    </button>
  );
}
