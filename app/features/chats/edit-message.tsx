import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import type { Message } from "../../../party/protocol/session.ts";
import { Button } from "../../components/button.tsx";
import { inlineOf } from "../../lib/long-text.ts";
import { sentence } from "../../lib/queries.ts";
import { useWholeText } from "../shell/whole-text.tsx";
import { useDeeds } from "./chat-context.tsx";
import { whyTooLong } from "./too-long.ts";

/** Changes a sent message where it stands. What was typed stays when the room refuses. */
export function EditMessage({ message }: { message: Message }) {
  const { session, edit, endEdit } = useDeeds();
  // The whole has to be there before it is changed: saving a beginning would lose the end.
  const whole = useWholeText(message.text, { kind: "session", id: session }, true);
  return whole.state === "whole" ? (
    <EditForm
      text={whole.text}
      hasFiles={(message.attachments?.length ?? 0) > 0}
      onSave={(text) => edit(message.id, text)}
      onEnd={endEdit}
    />
  ) : (
    <p className="bubble own" aria-busy="true">
      {inlineOf(message.text)}
    </p>
  );
}

function EditForm({
  text: before,
  hasFiles,
  onSave,
  onEnd,
}: {
  text: string;
  hasFiles: boolean;
  onSave: (text: string) => Promise<void>;
  onEnd: () => void;
}) {
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(before);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  useEffect(() => {
    const { current } = field;
    current?.focus();
    current?.setSelectionRange(current.value.length, current.value.length);
  }, []);
  const empty = text.trim() === "" && !hasFiles;
  const save = async (): Promise<void> => {
    if (busy || empty) return;
    if (text.trim() === before) return onEnd();
    const tooLong = whyTooLong(text);
    setWrong(tooLong);
    if (tooLong) return;
    setBusy(true);
    try {
      await onSave(text.trim());
      onEnd();
    } catch (error) {
      setWrong(sentence(error));
      setBusy(false);
    }
  };
  const press = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      onEnd();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      void save();
    }
  };
  return (
    <div className="msg-edit">
      <label className="vh" htmlFor={id}>
        Change the message
      </label>
      <textarea
        ref={field}
        id={id}
        className="input area"
        dir="auto"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={press}
        aria-invalid={wrong !== undefined || undefined}
        aria-describedby={`${id}-help`}
      />
      <div className="msg-edit-foot">
        <p id={`${id}-help`} className={wrong ? "help bad" : "help"} role={wrong ? "alert" : undefined}>
          {wrong ?? "Everyone sees that it was edited. Agents that were asked hear of it."}
        </p>
        <Button small kind="ghost" onClick={onEnd}>
          Cancel
        </Button>
        <Button
          small
          kind="primary"
          busy={busy}
          disabledBecause={empty ? "Delete the message to take it back" : undefined}
          onClick={() => void save()}
        >
          Save
        </Button>
      </div>
    </div>
  );
}
