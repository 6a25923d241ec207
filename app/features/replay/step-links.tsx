import { createContext, useContext } from "react";
import { IconButton } from "../../components/button.tsx";
import { Menu } from "../../components/menu.tsx";
import { copyText } from "../../lib/copy.ts";

export interface StepDeeds {
  /** the address that opens a step */
  linkTo: (seq: number) => string;
  replayFrom: (seq: number) => void;
}

/** What can be done with a step; absent where a transcript has no address of its own. */
export const Steps = createContext<StepDeeds | undefined>(undefined);

/** Beside each row: the link to it by one press on a desk, in a menu under a thumb. */
export function StepLink({ seq, phone }: { seq: number; phone: boolean }) {
  const deeds = useContext(Steps);
  if (!deeds) return null;
  const copy = (): void => void copyText(deeds.linkTo(seq), "Link to this step copied");
  if (!phone) return <IconButton className="step-link" icon="link" label="Copy link to this step" onClick={copy} />;
  return (
    <span className="step-more">
      <Menu
        align="end"
        trigger={<IconButton icon="more" label="More about this step" />}
        entries={[
          { kind: "action", id: "link", icon: "link", label: "Copy link to this step", onSelect: copy },
          { kind: "action", id: "replay", icon: "play", label: "Replay from here", onSelect: () => deeds.replayFrom(seq) },
        ]}
      />
    </span>
  );
}
