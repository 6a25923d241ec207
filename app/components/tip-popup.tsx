import { Tooltip } from "@base-ui/react/tooltip";
import { Keys } from "./kbd.tsx";

/** The open tooltip. Decorative: the control says the same by its label or description. */
export default function TipPopup({
  anchor,
  text,
  keys,
  onClose,
}: {
  anchor: HTMLElement;
  text: string;
  keys: readonly string[];
  onClose: () => void;
}) {
  return (
    <Tooltip.Root open onOpenChange={(open) => !open && onClose()}>
      <Tooltip.Portal>
        <Tooltip.Positioner className="over" anchor={anchor} sideOffset={6}>
          <Tooltip.Popup className="tip">
            {text}
            {keys.length > 0 && <Keys keys={keys} />}
          </Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
