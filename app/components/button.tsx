import type { ComponentProps, MouseEvent } from "react";
import { Icon, type IconName } from "./icon.tsx";
import { Keys } from "./kbd.tsx";
import { tip } from "./tooltip.tsx";

type Kind = "plain" | "primary" | "ghost" | "danger";

interface Pressable extends Omit<ComponentProps<"button">, "disabled" | "children"> {
  kind?: Kind;
  /** the shortcut that presses it, shown as a key cap */
  shortcut?: string | undefined;
  /** the label stays, a spinner replaces the icon, presses are ignored */
  busy?: boolean;
  /** why it cannot be pressed; shown as its tooltip, so a grey button always says its reason */
  disabledBecause?: string | undefined;
}

export interface ButtonProps extends Pressable {
  icon?: IconName;
  small?: boolean;
  children: React.ReactNode;
}

/** What both buttons share. aria-disabled instead of disabled: the reason stays reachable by keyboard. */
function press(
  { kind = "plain", shortcut, busy = false, disabledBecause, onClick, className = "", ...dom }: Pressable,
  extra: string,
): ComponentProps<"button"> {
  const blocked = busy || disabledBecause !== undefined;
  return {
    type: "button",
    ...dom,
    className: ["btn", kind === "plain" ? "" : kind, extra, className].filter(Boolean).join(" "),
    "aria-disabled": disabledBecause !== undefined || undefined,
    "aria-description": disabledBecause,
    "aria-busy": busy || undefined,
    "aria-keyshortcuts": dom["aria-keyshortcuts"] ?? shortcut,
    onClick: (event: MouseEvent<HTMLButtonElement>) => {
      if (blocked) event.preventDefault();
      else onClick?.(event);
    },
  };
}

export function Button({ icon, small = false, children, ...rest }: ButtonProps) {
  const { busy = false, disabledBecause, shortcut } = rest;
  const glyph: IconName | undefined = busy ? "st-live" : icon;
  return (
    <button {...press(rest, small ? "small" : "")} {...tip(disabledBecause)}>
      {glyph && <Icon name={glyph} className={busy ? "live" : ""} />}
      {children}
      {shortcut && !busy && disabledBecause === undefined && <Keys keys={[shortcut]} />}
    </button>
  );
}

/** A square button with an icon only: its name is its tooltip. */
export function IconButton({ icon, label, ...rest }: Pressable & { icon: IconName; label: string }) {
  const { busy = false, disabledBecause, shortcut, kind = "ghost" } = rest;
  return (
    <button
      {...press({ ...rest, kind }, "icon")}
      {...tip(disabledBecause ?? label, shortcut ? [shortcut] : [])}
      aria-label={label}
    >
      <Icon name={busy ? "st-live" : icon} className={busy ? "live" : ""} />
    </button>
  );
}
