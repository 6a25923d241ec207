import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { LIMITS } from "../../../party/protocol/limits.ts";
import { IconButton } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { Keys } from "../../components/kbd.tsx";
import { Menu } from "../../components/menu.tsx";
import { useDraft } from "../../lib/drafts.ts";
import { bytes } from "../../lib/format.ts";
import { useKeys } from "../../lib/keys.ts";
import { sentence } from "../../lib/queries.ts";

/** ms after the last key in which a person still counts as typing */
const TYPING_MS = 3_000;

export type ComposerMode = "steer" | "wake";

export interface ComposerProps {
  /** where the draft belongs */
  place: string;
  agentName: string;
  /** true while a run can be steered; the person may still ask for a new one */
  canSteer: boolean;
  /** why nothing can be sent */
  why: string | undefined;
  /** who else is writing */
  typing: string | undefined;
  onTyping: (typing: boolean) => void;
  /** @throws when it was refused; the text stays */
  send: (mode: ComposerMode, text: string) => Promise<void>;
}

/** Where people talk to the agent: it steers a run that is live, and starts one otherwise. What was written is never lost. */
export function Composer({ place, agentName, canSteer, why, typing, onTyping, send }: ComposerProps) {
  const [draft, setDraft] = useDraft(place);
  const [chosen, setChosen] = useState<ComposerMode>("steer");
  const [sending, setSending] = useState(false);
  const [failed, setFailed] = useState<string>();
  const field = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const mode: ComposerMode = canSteer ? chosen : "wake";
  const stopTyping = useTyping(draft, onTyping);

  useKeys({ s: why === undefined ? () => field.current?.focus() : undefined });

  const submit = async (): Promise<void> => {
    const text = draft.trim();
    if (text === "" || sending || why !== undefined) return;
    const tooLong = whyTooLong(text);
    setFailed(tooLong);
    if (tooLong) return;
    setSending(true);
    try {
      await send(mode, text);
      setDraft("");
      stopTyping();
    } catch (error) {
      setFailed(sentence(error));
    } finally {
      setSending(false);
      field.current?.focus();
    }
  };
  const press = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void submit();
    } else if (event.key === "Escape") field.current?.blur();
  };
  const hint =
    mode === "steer" ? `Steer ${agentName}. Everyone here sees it.` : `Ask ${agentName} to do something. Everyone here sees it.`;
  return (
    <div className="composer">
      <label className="vh" htmlFor={id}>
        {mode === "steer" ? `Steer ${agentName}` : `Ask ${agentName}`}
      </label>
      <textarea
        ref={field}
        id={id}
        className="field"
        rows={1}
        placeholder={why ?? hint}
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={press}
        aria-describedby={failed ? `${id}-failed` : undefined}
      />
      {failed && (
        <p className="composer-failed" id={`${id}-failed`} role="alert">
          <Icon name="warn" />
          Not sent. {failed}
        </p>
      )}
      <div className="composer-bar">
        {canSteer && <ModeMenu mode={mode} onChoose={setChosen} />}
        <span className="grow" />
        {typing && <span className="typing">{typing}</span>}
        <span className="composer-keys">
          <Keys keys={["Ctrl", "Enter"]} />
        </span>
        <IconButton
          icon="up"
          kind="primary"
          label={mode === "steer" ? "Send the note" : "Start a run"}
          busy={sending}
          disabledBecause={why}
          onClick={() => void submit()}
          aria-keyshortcuts="Control+Enter"
        />
      </div>
    </div>
  );
}

/** What the room would refuse, said before anything travels. */
function whyTooLong(text: string): string | undefined {
  const size = new TextEncoder().encode(text).length;
  if (size <= LIMITS.textBytes) return undefined;
  return `It is ${bytes(size)} long, and ${bytes(LIMITS.textBytes)} can be sent at once. Shorten it, or send it in parts.`;
}

function ModeMenu({ mode, onChoose }: { mode: ComposerMode; onChoose: (mode: ComposerMode) => void }) {
  return (
    <Menu
      side="top"
      trigger={
        <button type="button" className="btn ghost">
          <Icon name={mode === "steer" ? "steer" : "play"} />
          {mode === "steer" ? "Steer this run" : "Next run"}
          <Icon name="down" className="dim" />
        </button>
      }
      entries={[
        {
          kind: "action",
          id: "steer",
          icon: "steer",
          label: "Steer this run",
          hint: "read before the next step",
          checked: mode === "steer",
          onSelect: () => onChoose("steer"),
        },
        {
          kind: "action",
          id: "wake",
          icon: "play",
          label: "Next run",
          hint: "waits its turn",
          checked: mode === "wake",
          onSelect: () => onChoose("wake"),
        },
      ]}
    />
  );
}

/** Tells the room that this person is writing, and that they stopped. Returns how to say it at once. */
function useTyping(draft: string, onTyping: (typing: boolean) => void): () => void {
  const latest = useRef(onTyping);
  const previous = useRef(draft);
  useEffect(() => {
    latest.current = onTyping;
  });
  useEffect(() => {
    if (draft === previous.current) return;
    previous.current = draft;
    if (draft === "") return latest.current(false);
    latest.current(true);
    const timer = setTimeout(() => latest.current(false), TYPING_MS);
    return () => clearTimeout(timer);
  }, [draft]);
  return () => latest.current(false);
}
