import { useRef, useState } from "react";
import type { Approval } from "../../../party/protocol/company.ts";
import { Button } from "../../components/button.tsx";
import { useKeys } from "../../lib/keys.ts";
import { useCompany } from "../shell/company-context.tsx";
import { DenyNote } from "./deny-note.tsx";
import { RememberDialog } from "./remember-dialog.tsx";
import { canGrant, type WhyNot } from "./rights.ts";
import type { Decide } from "./use-decide.ts";
import { RESTING, useRest } from "./use-rest.ts";

/**
 * Allow and Deny. Deny asks for a note, which may stay empty. With `keys`, A and D work while this need is the open one.
 * On a phone Deny comes first and Allow is the widest, at the thumb.
 */
export function DecisionButtons({
  approval,
  decide,
  why: rights,
  keys = false,
  thumb = false,
  replaced = false,
  onceOnly = false,
  children,
}: {
  approval: Approval;
  decide: Decide;
  why: WhyNot;
  keys?: boolean;
  thumb?: boolean;
  /** it came up by itself where another ask stood */
  replaced?: boolean;
  /** an allow counts for this call alone */
  onceOnly?: boolean;
  children?: React.ReactNode;
}) {
  const [denying, setDenying] = useState(false);
  const [remembering, setRemembering] = useState(false);
  const { state } = useCompany();
  const config = state?.config;
  const resting = useRest(replaced);
  const why: WhyNot = resting ? { allow: RESTING, deny: RESTING } : rights;
  const sending = decide.sending[approval.id];
  const allow = (): void => void decide.decide(approval, "allow");
  const place = useRef<HTMLDivElement>(null);
  const able = keys && sending === undefined && !denying;
  // A key decides only what is in sight; otherwise it brings the ask there first.
  const seen = (run: () => void) => (): void => {
    if (place.current && inSight(place.current)) run();
    else place.current?.scrollIntoView({ block: "end" });
  };
  useKeys({
    a: able && why.allow === undefined ? seen(allow) : undefined,
    d: able && why.deny === undefined ? seen(() => setDenying(true)) : undefined,
  });
  if (denying) {
    return (
      <DenyNote
        busy={sending === "deny"}
        onBack={() => setDenying(false)}
        onDeny={(note) => {
          void decide.decide(approval, "deny", { note }).then(() => setDenying(false));
        }}
      />
    );
  }
  const allowButton = (
    <Button
      kind="primary"
      onClick={allow}
      busy={sending === "allow"}
      disabledBecause={why.allow}
      shortcut={keys ? "A" : undefined}
      className={thumb ? "grow" : ""}
    >
      Allow
    </Button>
  );
  const denyButton = (
    <Button onClick={() => setDenying(true)} disabledBecause={why.deny} shortcut={keys ? "D" : undefined}>
      Deny
    </Button>
  );
  return (
    <>
      <div ref={place} className={thumb ? "sheet-foot" : "btns"}>
        {thumb ? denyButton : allowButton}
        {thumb ? allowButton : denyButton}
        {children}
      </div>
      {!onceOnly && canGrant(approval, config) && why.allow === undefined && (
        <p className="decide-more">
          <button type="button" className="link" onClick={() => setRemembering(true)}>
            Allow, and do not ask again for calls like this
          </button>
          <RememberDialog approval={approval} decide={decide} open={remembering} onClose={() => setRemembering(false)} />
        </p>
      )}
    </>
  );
}

function inSight(element: HTMLElement): boolean {
  const { top, bottom } = element.getBoundingClientRect();
  return top >= 0 && bottom <= window.innerHeight;
}
