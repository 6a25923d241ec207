import { cloneElement, lazy, type PointerEvent, type ReactElement, type ReactNode, Suspense, useRef, useState } from "react";
import type { IconName } from "./icon.tsx";

// Menus are opened, not looked at: their machinery is fetched when a pointer or the focus comes near.
const load = () => import("./menu-popup.tsx");
const MenuPopup = lazy(load);

/** A line that does something. `disabledBecause` greys it and says why in place of the hint. */
export interface MenuAction {
  kind: "action";
  id: string;
  icon?: IconName;
  mark?: ReactNode;
  label: string;
  hint?: string;
  checked?: boolean;
  danger?: boolean;
  disabledBecause?: string | undefined;
  onSelect: () => void;
}
export type MenuEntry = MenuAction | { kind: "head"; id: string; text: string } | { kind: "line"; id: string };

interface TriggerProps {
  ref?: React.Ref<HTMLButtonElement>;
  onClick?: () => void;
  onPointerEnter?: () => void;
  onPointerDown?: (event: PointerEvent) => void;
  onFocus?: () => void;
  onKeyDown?: (event: React.KeyboardEvent) => void;
  "aria-haspopup"?: "menu";
  "aria-expanded"?: boolean;
}

export interface MenuProps {
  /** a button; it gets the handlers and the state */
  trigger: ReactElement<TriggerProps>;
  entries: readonly MenuEntry[];
  align?: "start" | "end";
  side?: "bottom" | "top";
}

/** A menu that opens from its trigger, by pointer or keyboard. */
export function Menu({ trigger, entries, align = "start", side = "bottom" }: MenuProps) {
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLButtonElement>(null);
  // A press on the trigger of an open menu closes it as a press outside; the click that follows must not open it again.
  const wasOpen = useRef(false);
  const near = (): void => void load();
  const props: TriggerProps = {
    ref: anchor,
    "aria-haspopup": "menu",
    "aria-expanded": open,
    onPointerEnter: near,
    onFocus: near,
    onPointerDown: () => {
      wasOpen.current = open;
    },
    onClick: () => {
      if (!wasOpen.current) setOpen(true);
      wasOpen.current = false;
    },
    onKeyDown: (event) => {
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      event.preventDefault();
      setOpen(true);
    },
  };
  return (
    <>
      {cloneElement(trigger, props)}
      {open && (
        <Suspense>
          <MenuPopup anchor={anchor} entries={entries} align={align} side={side} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
