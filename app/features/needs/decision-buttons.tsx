import { useEffect, useId, useRef, useState } from "react";
import type { Approval } from "../../../party/protocol/company.ts";
import { Button } from "../../components/button.tsx";
import { useKeys } from "../../lib/keys.ts";
import { canGrant, type WhyNot } from "./rights.ts";
import type { Decide } from "./use-decide.ts";

/** ms in which a card that took the place of another cannot be decided: a press on its way was meant for that one */
const REST_MS = 1_000;

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
  children,
}: {
  approval: Approval;
  decide: Decide;
  why: WhyNot;
  keys?: boolean;
  thumb?: boolean;
  /** it came up by itself where another ask stood */
  replaced?: boolean;
  children?: React.ReactNode;
}) {
  const [denying, setDenying] = useState(false);
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
      {canGrant(approval) && why.allow === undefined && (
        <p className="decide-more">
          <button type="button" className="link" onClick={() => void decide.decide(approval, "allow", { remember: "run" })}>
            Allow every {approval.tool} call of this run
          </button>
        </p>
      )}
    </>
  );
}

const RESTING = "The ask that stood here was just decided. Read this one first";

function useRest(replaced: boolean): boolean {
  const [resting, setResting] = useState(replaced);
  useEffect(() => {
    if (!resting) return;
    const timer = setTimeout(() => setResting(false), REST_MS);
    return () => clearTimeout(timer);
  }, [resting]);
  return resting;
}

function inSight(element: HTMLElement): boolean {
  const { top, bottom } = element.getBoundingClientRect();
  return top >= 0 && bottom <= window.innerHeight;
}

function DenyNote({ busy, onBack, onDeny }: { busy: boolean; onBack: () => void; onDeny: (note: string) => void }) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [note, setNote] = useState("");
  useEffect(() => field.current?.focus(), []);
  return (
    <form
      className="deny"
      onSubmit={(event) => {
        event.preventDefault();
        onDeny(note.trim());
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onBack();
      }}
    >
      <label className="lab" htmlFor={id}>
        Why not? The agent and everyone here reads it. It may stay empty.
      </label>
      <input
        ref={field}
        id={id}
        className="input"
        maxLength={2_000}
        value={note}
        onChange={(event) => setNote(event.target.value)}
      />
      <div className="btns">
        <Button kind="danger" type="submit" busy={busy}>
          Deny
        </Button>
        <Button kind="ghost" onClick={onBack}>
          Back
        </Button>
      </div>
    </form>
  );
}
