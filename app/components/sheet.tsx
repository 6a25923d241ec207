import { Drawer } from "@base-ui/react/drawer";
import type { ReactNode } from "react";

/**
 * A panel over the page: from the bottom on a phone (`bottom`), from the right where the rail has no room (`right`).
 * Nothing is decided by swiping; a swipe only closes it.
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
    <Drawer.Root open={open} onOpenChange={(next) => !next && onClose()} swipeDirection={side === "bottom" ? "down" : "right"}>
      <Drawer.Portal>
        <Drawer.Backdrop className="scrim" />
        <Drawer.Viewport className={side === "bottom" ? "sheet-place" : "side-place"}>
          <Drawer.Popup className={side === "bottom" ? "sheet" : "side"}>
            {side === "bottom" && <span className="sheet-grab" aria-hidden="true" />}
            <Drawer.Title className="vh">{label}</Drawer.Title>
            <Drawer.Content className="sheet-in">{children}</Drawer.Content>
          </Drawer.Popup>
        </Drawer.Viewport>
      </Drawer.Portal>
    </Drawer.Root>
  );
}
