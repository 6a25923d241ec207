import { useEffect, useId, useRef, useState } from "react";
import type { Approval } from "../../../party/protocol/company.ts";
import { Button } from "../../components/button.tsx";
import { useKeys } from "../../lib/keys.ts";
import type { WhyNot } from "./rights.ts";
import type { Decide } from "./use-decide.ts";

/**
 * Allow and Deny. Deny asks for a note, which may stay empty. With `keys`, A and D work while this need is the open one.
 * On a phone Deny comes first and Allow is the widest, at the thumb.
 */
export function DecisionButtons({
  approval,
  decide,
  why,
  keys = false,
  thumb = false,
  children,
}: {
  approval: Approval;
  decide: Decide;
  why: WhyNot;
  keys?: boolean;
  thumb?: boolean;
  children?: React.ReactNode;
}) {
  const [denying, setDenying] = useState(false);
  const sending = decide.sending[approval.id];
  const allow = (): void => void decide.decide(approval, "allow");
  const able = keys && sending === undefined && !denying;
  useKeys({
    a: able && why.allow === undefined ? allow : undefined,
    d: able && why.deny === undefined ? () => setDenying(true) : undefined,
  });
  if (denying) {
    return (
      <DenyNote
        busy={sending === "deny"}
        onBack={() => setDenying(false)}
        onDeny={(note) => {
          void decide.decide(approval, "deny", note).then(() => setDenying(false));
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
    <div className={thumb ? "sheet-foot" : "btns"}>
      {thumb ? denyButton : allowButton}
      {thumb ? allowButton : denyButton}
      {children}
    </div>
  );
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
