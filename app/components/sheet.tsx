import { Dialog } from "@base-ui/react/dialog";
import type { ReactNode } from "react";

/**
 * A panel over the page: from the bottom on a phone (`bottom`), from the right where the rail has no room (`right`).
 * It closes by Esc, by its scrim and by its handle; nothing is decided by swiping.
 */
export function Sheet({
  open,
  onClose,
  side,
  label,
  children,
}: {
  open: boolean;
  onClose: () => void;
  side: "bottom" | "right";
  label: string;
  children: ReactNode;
}) {
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="scrim" />
        <Dialog.Viewport className={side === "bottom" ? "sheet-place" : "side-place"}>
          <Dialog.Popup className={side === "bottom" ? "sheet" : "side"}>
            {side === "bottom" && (
              <Dialog.Close className="sheet-grab" aria-label="Close">
                <span />
              </Dialog.Close>
            )}
            <Dialog.Title className="vh">{label}</Dialog.Title>
            {children}
          </Dialog.Popup>
        </Dialog.Viewport>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
