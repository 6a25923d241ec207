import { Tooltip } from "@base-ui/react/tooltip";
import type { ReactElement } from "react";
import { Keys } from "./kbd.tsx";

/** ms; long enough not to flicker under a moving pointer */
const OPEN_DELAY_MS = 400;

export function TipProvider({ children }: { children: React.ReactNode }) {
  return <Tooltip.Provider delay={OPEN_DELAY_MS}>{children}</Tooltip.Provider>;
}

/** A tooltip on one control; it repeats the name or says why the control is grey, and carries the key. */
export function Tip({ text, keys = [], children }: { text: string; keys?: readonly string[]; children: ReactElement }) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger render={children} />
      <Tooltip.Portal>
        <Tooltip.Positioner className="over" sideOffset={6}>
          <Tooltip.Popup className="tip">
            {text}
            {keys.length > 0 && <Keys keys={keys} />}
          </Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
