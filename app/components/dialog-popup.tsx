import { Dialog } from "@base-ui/react/dialog";
import { IconButton } from "./button.tsx";
import type { DialogProps } from "./dialog.tsx";

export default function DialogPopup({ open, onClose, title, description, children }: DialogProps) {
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="scrim" />
        <Dialog.Viewport className="dialog-place">
          <Dialog.Popup className="dialog">
            <header className="dialog-head">
              <Dialog.Title className="dialog-title">{title}</Dialog.Title>
              <IconButton icon="x" label="Close" onClick={onClose} />
            </header>
            {description && <Dialog.Description className="dialog-text">{description}</Dialog.Description>}
            {children}
          </Dialog.Popup>
        </Dialog.Viewport>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
