import { useSyncExternalStore } from "react";
import { Icon, type IconName } from "./icon.tsx";

/** ms; long enough to read one sentence twice; the clock stands still under the pointer or the focus */
const TOAST_MS = 8_000;
const MOST = 3;

export type ToastKind = "done" | "fail" | "info";
/** What a person may do about it; the message goes away with the press. */
export interface ToastAction {
  label: string;
  run(): void;
}
interface Item {
  id: number;
  kind: ToastKind;
  text: string;
  action?: ToastAction | undefined;
}

const ICONS: Record<ToastKind, { name: IconName; tone: string }> = {
  done: { name: "check", tone: "done" },
  fail: { name: "st-fail", tone: "fail" },
  info: { name: "users", tone: "" },
};

let items: readonly Item[] = [];
let lastId = 0;
const timers = new Map<number, ReturnType<typeof setTimeout>>();
/** messages without a clock */
const pinned = new Set<number>();
const listeners = new Set<() => void>();

function change(next: readonly Item[]): void {
  items = next;
  for (const changed of listeners) changed();
}

function close(id: number): void {
  hold(id);
  pinned.delete(id);
  change(items.filter((item) => item.id !== id));
}

function hold(id: number): void {
  clearTimeout(timers.get(id));
  timers.delete(id);
}

function release(id: number): void {
  hold(id);
  if (pinned.has(id)) return;
  timers.set(
    id,
    setTimeout(() => close(id), TOAST_MS),
  );
}

/**
 * Says one thing that happened; the screen behind it already shows the result.
 * @param stays until it is closed or acted upon
 */
export function toast(kind: ToastKind, text: string, action?: ToastAction, stays = false): void {
  const id = ++lastId;
  change([...items.slice(1 - MOST), { id, kind, text, action }]);
  if (stays) pinned.add(id);
  else release(id);
}

/** Where toasts appear; once, beside the app. The region is always there, so that screen readers hear what comes into it. */
export function Toasts() {
  const shown = useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    () => items,
  );
  return (
    <section className="toasts" aria-label="Messages" aria-live="polite">
      {shown.map((item) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: pointing at a message only stops its clock
        <div
          key={item.id}
          className="toast"
          onMouseEnter={() => hold(item.id)}
          onMouseLeave={() => release(item.id)}
          onFocus={() => hold(item.id)}
          onBlur={() => release(item.id)}
        >
          <Icon name={ICONS[item.kind].name} className={ICONS[item.kind].tone} />
          <span className="grow">{item.text}</span>
          {item.action && (
            <button
              type="button"
              className="link"
              onClick={() => {
                close(item.id);
                item.action?.run();
              }}
            >
              {item.action.label}
            </button>
          )}
          <button type="button" className="link" aria-label="Close this message" onClick={() => close(item.id)}>
            <Icon name="x" />
          </button>
        </div>
      ))}
    </section>
  );
}
