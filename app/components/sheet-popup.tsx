import { Dialog } from "@base-ui/react/dialog";
import { useRef } from "react";
import type { SheetProps } from "./sheet.tsx";

export default function SheetPopup({ open, onClose, side, label, children }: SheetProps) {
  const popup = useRef<HTMLDivElement>(null);
  const bottom = side === "bottom";
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="scrim" />
        <Dialog.Viewport className={bottom ? "sheet-place" : "side-place"}>
          {/* The panel itself takes the focus: the first button may be one that decides. */}
          <Dialog.Popup ref={popup} initialFocus={popup} className={bottom ? "sheet" : "side"}>
            {bottom && (
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
