import { lazy, type ReactNode, Suspense, useState } from "react";

const DialogPopup = lazy(() => import("./dialog-popup.tsx"));

export interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  description?: ReactNode;
  children: ReactNode;
}

/** A modal dialog in the middle of a desk screen, a sheet at the thumb on a phone (by CSS). Fetched when first opened. */
export function Dialog(props: DialogProps) {
  return useOpenedOnce(props.open) ? (
    <Suspense>
      <DialogPopup {...props} />
    </Suspense>
  ) : null;
}

/** True from the first opening on: what was fetched stays, so that closing can be seen. */
export function useOpenedOnce(open: boolean): boolean {
  const [opened, setOpened] = useState(open);
  if (open && !opened) setOpened(true);
  return open || opened;
}
