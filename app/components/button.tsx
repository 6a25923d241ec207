import type { ComponentProps } from "react";
import { Icon, type IconName } from "./icon.tsx";
import { Keys } from "./kbd.tsx";
import { Tip } from "./tooltip.tsx";

type Kind = "plain" | "primary" | "ghost" | "danger";

export interface ButtonProps extends Omit<ComponentProps<"button">, "disabled"> {
  kind?: Kind;
  icon?: IconName;
  /** the shortcut that presses it, shown as a key cap */
  shortcut?: string;
  /** the label stays, a spinner replaces the icon, presses are ignored */
  busy?: boolean;
  /** why it cannot be pressed; shown as its tooltip, so a grey button always says its reason */
  disabledBecause?: string | undefined;
  small?: boolean;
}

function className(kind: Kind, extra: string): string {
  return `btn${kind === "plain" ? "" : ` ${kind}`}${extra}`;
}

export function Button({
  kind = "plain",
  icon,
  shortcut,
  busy = false,
  disabledBecause,
  small = false,
  children,
  onClick,
  ...rest
}: ButtonProps) {
  const blocked = busy || disabledBecause !== undefined;
  const glyph: IconName | undefined = busy ? "st-live" : icon;
  const button = (
    <button
      type="button"
      {...rest}
      className={className(kind, `${small ? " small" : ""}${rest.className ? ` ${rest.className}` : ""}`)}
      aria-disabled={disabledBecause !== undefined || undefined}
      aria-busy={busy || undefined}
      aria-keyshortcuts={shortcut}
      onClick={(event) => {
        // aria-disabled instead of disabled: the reason stays reachable by keyboard
        if (blocked) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {glyph && <Icon name={glyph} className={busy ? "live" : ""} />}
      {children}
      {shortcut && !blocked && <Keys keys={[shortcut]} />}
    </button>
  );
  return disabledBecause ? <Tip text={disabledBecause}>{button}</Tip> : button;
}

/** A square button with an icon only: its name is its tooltip. */
export function IconButton({
  icon,
  label,
  kind = "ghost",
  busy = false,
  ...rest
}: Omit<ButtonProps, "children" | "aria-label" | "small"> & { icon: IconName; label: string }) {
  const { disabledBecause, shortcut, onClick, ...dom } = rest;
  const blocked = busy || disabledBecause !== undefined;
  return (
    <Tip text={disabledBecause ?? label} keys={shortcut ? [shortcut] : []}>
      <button
        type="button"
        {...dom}
        className={className(kind, ` icon${dom.className ? ` ${dom.className}` : ""}`)}
        aria-label={label}
        aria-disabled={disabledBecause !== undefined || undefined}
        aria-busy={busy || undefined}
        aria-keyshortcuts={shortcut}
        onClick={(event) => {
          if (blocked) event.preventDefault();
          else onClick?.(event);
        }}
      >
        <Icon name={busy ? "st-live" : icon} className={busy ? "live" : ""} />
      </button>
    </Tip>
  );
}
