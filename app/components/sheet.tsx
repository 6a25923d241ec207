import { lazy, type ReactNode, Suspense } from "react";
import { useOpenedOnce } from "./dialog.tsx";

const SheetPopup = lazy(() => import("./sheet-popup.tsx"));

export interface SheetProps {
  open: boolean;
  onClose: () => void;
  side: "bottom" | "right";
  /** its name for screen readers */
  label: string;
  children: ReactNode;
}

/**
 * A panel over the page: from the bottom on a phone (`bottom`), from the right where the rail has no room (`right`).
 * It closes by Esc, by its scrim and by its handle; nothing is decided by swiping. Fetched when first opened.
 */
export function Sheet(props: SheetProps) {
  return useOpenedOnce(props.open) ? (
    <Suspense>
      <SheetPopup {...props} />
    </Suspense>
  ) : null;
}
