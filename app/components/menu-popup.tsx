import { Menu as BaseMenu } from "@base-ui/react/menu";
import type { RefObject } from "react";
import { assertNever } from "../../party/protocol/assert.ts";
import { Icon } from "./icon.tsx";
import type { MenuAction, MenuEntry, MenuProps } from "./menu.tsx";

/** The open menu. The focus goes in, and back to the trigger when it closes. */
export default function MenuPopup({
  anchor,
  entries,
  align,
  side,
  onClose,
}: Required<Pick<MenuProps, "entries" | "align" | "side">> & { anchor: RefObject<HTMLElement | null>; onClose: () => void }) {
  return (
    <BaseMenu.Root open onOpenChange={(open) => !open && onClose()}>
      <BaseMenu.Portal>
        <BaseMenu.Positioner className="over" anchor={anchor} align={align} side={side} sideOffset={6}>
          <BaseMenu.Popup className="menu" finalFocus={anchor}>
            {entries.map((entry) => (
              <Entry key={entry.id} entry={entry} />
            ))}
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  );
}

function Entry({ entry }: { entry: MenuEntry }) {
  switch (entry.kind) {
    case "action":
      return <Action action={entry} />;
    case "head":
      return <p className="menu-head">{entry.text}</p>;
    case "line":
      return <BaseMenu.Separator className="menu-line" />;
    default:
      return assertNever(entry);
  }
}

function Action({ action }: { action: MenuAction }) {
  const { icon, mark, label, hint, checked, danger, disabledBecause, onSelect } = action;
  const words = disabledBecause ?? hint;
  return (
    <BaseMenu.Item
      className={danger ? "menu-row danger" : "menu-row"}
      disabled={disabledBecause !== undefined}
      aria-checked={checked}
      role={checked === undefined ? "menuitem" : "menuitemradio"}
      onClick={onSelect}
    >
      {mark ?? (icon && <Icon name={icon} />)}
      <span className="grow">{label}</span>
      {words && <span className="dim">{words}</span>}
      {checked && <Icon name="check" />}
    </BaseMenu.Item>
  );
}
