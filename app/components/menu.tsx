import { Menu as BaseMenu } from "@base-ui/react/menu";
import type { ReactElement, ReactNode } from "react";
import { Icon, type IconName } from "./icon.tsx";

/** A menu that opens from `trigger`. */
export function Menu({
  trigger,
  children,
  align = "start",
  side = "bottom",
}: {
  trigger: ReactElement;
  children: ReactNode;
  align?: "start" | "end";
  side?: "bottom" | "top";
}) {
  return (
    <BaseMenu.Root>
      <BaseMenu.Trigger render={trigger} />
      <BaseMenu.Portal>
        <BaseMenu.Positioner className="over" align={align} side={side} sideOffset={6}>
          <BaseMenu.Popup className="menu">{children}</BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  );
}

/** A line of a menu. `disabledBecause` greys it and says why in place of the hint. */
export function MenuRow({
  icon,
  mark,
  label,
  hint,
  checked,
  danger = false,
  disabledBecause,
  onSelect,
}: {
  icon?: IconName;
  mark?: ReactNode;
  label: string;
  hint?: string;
  checked?: boolean;
  danger?: boolean;
  disabledBecause?: string | undefined;
  onSelect: () => void;
}) {
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
      {(disabledBecause ?? hint) && <span className="dim">{disabledBecause ?? hint}</span>}
      {checked && <Icon name="check" />}
    </BaseMenu.Item>
  );
}

export function MenuHead({ children }: { children: ReactNode }) {
  return <p className="menu-head">{children}</p>;
}

export function MenuLine() {
  return <BaseMenu.Separator className="menu-line" />;
}
