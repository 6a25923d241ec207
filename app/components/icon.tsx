import sprite from "../assets/icons.svg?url";

/** Names of the symbols in assets/icons.svg; a test keeps the two in step. */
export const ICON_NAMES = [
  "logo",
  "floor",
  "inbox",
  "agent",
  "settings",
  "plus",
  "right",
  "down",
  "left",
  "updown",
  "check",
  "x",
  "play",
  "pause",
  "stop",
  "up",
  "clock",
  "eye",
  "terminal",
  "file",
  "edit",
  "pen",
  "link",
  "lock",
  "offline",
  "undo",
  "more",
  "users",
  "shield",
  "bolt",
  "copy",
  "layers",
  "steer",
  "warn",
  "search",
  "sun",
  "help",
  "door",
  "server",
  "desk",
  "shapes",
  "beaker",
  "plane",
  "ledger",
  "cal",
  "chat",
  "clip",
  "hand",
  "ticks",
  "reply",
  "bin",
  "archive",
  "st-live",
  "st-wait",
  "st-done",
  "st-fail",
  "st-idle",
  "st-pause",
  "st-queue",
  "bell",
] as const;
export type IconName = (typeof ICON_NAMES)[number];

/** A 16 px stroke icon that takes the colour of its text. Decorative: the name of a control is said by its text or label. */
export function Icon({ name, className }: { name: IconName; className?: string }) {
  return (
    <svg className={className ? `i ${className}` : "i"} aria-hidden="true">
      <use href={`${sprite}#${name}`} />
    </svg>
  );
}
