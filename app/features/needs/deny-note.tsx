import { useEffect, useId, useRef, useState } from "react";
import { Button } from "../../components/button.tsx";

/** Asks why, which may stay empty. Escape goes back without deciding. */
export function DenyNote({ busy, onBack, onDeny }: { busy: boolean; onBack: () => void; onDeny: (note: string) => void }) {
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
