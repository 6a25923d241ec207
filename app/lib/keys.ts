import { useEffect, useRef } from "react";
import { singleKeys } from "./key-choice.ts";

/** What takes letters. A slider or a box to tick takes none. */
const TEXTS = "input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [role=textbox]";

/** True while a key press belongs to a text: single keys do nothing then. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches(TEXTS));
}

type Keys = Readonly<Record<string, (() => void) | undefined>>;

/**
 * Single-key shortcuts of a screen, such as `{a: approve}`. Ignored while typing, with a modifier, on repeat, and while a
 * dialog or menu is open.
 * @param reach `everywhere` for keys of the whole workspace: a screen that has the same key for itself comes first
 */
export function useKeys(keys: Keys, reach: "screen" | "everywhere" = "screen"): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.defaultPrevented) return;
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
      if (document.querySelector("[role=dialog], [role=menu]")) return;
      if (!singleKeys()) return;
      const run = latest.current[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (!run) return;
      event.preventDefault();
      run();
    };
    // Screens hear of a key on the document, and have taken it when it reaches the window.
    const target = reach === "screen" ? document : window;
    const hear = (event: Event): void => {
      if (event instanceof KeyboardEvent) press(event);
    };
    target.addEventListener("keydown", hear);
    return () => target.removeEventListener("keydown", hear);
  }, [reach]);
}
