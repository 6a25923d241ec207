import { lazy, Suspense, useEffect, useState } from "react";

const TipPopup = lazy(() => import("./tip-popup.tsx"));

/** ms; long enough not to flicker under a moving pointer */
const OPEN_DELAY_MS = 400;

/** What a control says in its tooltip; spread onto it. The text repeats its label or says why it is grey. */
export function tip(text: string | undefined, keys: readonly string[] = []): { "data-tip"?: string; "data-tip-keys"?: string } {
  return text === undefined ? {} : { "data-tip": text, "data-tip-keys": keys.join(" ") };
}

/** One tooltip for the whole page, over whichever control with `tip()` the pointer rests on or the keyboard is at. */
export function TipLayer() {
  const [anchor, setAnchor] = useState<HTMLElement>();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const hide = (): void => {
      clearTimeout(timer);
      setAnchor(undefined);
    };
    const show = (event: Event): void => {
      // A finger does not rest on things: a tap is a press, never a question.
      if (event instanceof PointerEvent && event.pointerType === "touch") return;
      const control = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-tip]") : null;
      if (!control || (event.type === "focusin" && !control.matches(":focus-visible"))) {
        hide();
        return;
      }
      clearTimeout(timer);
      timer = setTimeout(() => control.isConnected && setAnchor(control), OPEN_DELAY_MS);
    };
    const press = (event: KeyboardEvent): void => {
      if (event.key === "Escape") hide();
    };
    document.addEventListener("pointerover", show);
    document.addEventListener("focusin", show);
    document.addEventListener("pointerdown", hide);
    document.addEventListener("keydown", press);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("pointerover", show);
      document.removeEventListener("focusin", show);
      document.removeEventListener("pointerdown", hide);
      document.removeEventListener("keydown", press);
    };
  }, []);
  if (!anchor) return null;
  const { tip: text = "", tipKeys = "" } = anchor.dataset;
  return (
    <Suspense>
      <TipPopup anchor={anchor} text={text} keys={tipKeys.split(" ").filter(Boolean)} onClose={() => setAnchor(undefined)} />
    </Suspense>
  );
}
