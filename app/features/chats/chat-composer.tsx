import {
  type ClipboardEvent,
  type KeyboardEvent,
  useEffect,
  useId,
  useImperativeHandle,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import type { Message } from "../../../party/protocol/session.ts";
import { IconButton } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { useDraft } from "../../lib/drafts.ts";
import { useKeys } from "../../lib/keys.ts";
import { inlineOf } from "../../lib/long-text.ts";
import { MentionList } from "./mention-list.tsx";
import { type Mentionable, mentionsIn } from "./mentions.ts";
import type { Written } from "./outgoing.ts";
import { whyTooLong } from "./too-long.ts";
import { UploadList } from "./upload-list.tsx";
import type { UploadTray } from "./uploads.ts";
import { useMentionPicker } from "./use-mention-picker.ts";
import { useTypingSignal } from "./use-typing-signal.ts";

export interface ComposerHandle {
  attach(files: readonly File[]): void;
  focus(): void;
}

export interface ChatComposerProps {
  session: string;
  agents: readonly Mentionable[];
  /** whom a message without a mention reaches, for the hint */
  hint: string;
  why: string | undefined;
  typing: string | undefined;
  replyTo: Message | undefined;
  tray: UploadTray;
  ref: React.Ref<ComposerHandle>;
  onTyping: (typing: boolean) => void;
  onSend: (written: Written) => void;
  onCancelReply: () => void;
  /** Up in an empty field */
  onEditLast: () => void;
}

/** Where people write into a conversation. Enter sends; what was written and attached is never lost. */
export function ChatComposer(props: ChatComposerProps) {
  const { session, agents, hint, why, typing, replyTo, tray, ref, onTyping, onSend, onCancelReply, onEditLast } = props;
  const [draft, setDraft] = useDraft(`chat.${session}`);
  const [wrong, setWrong] = useState<string>();
  const field = useRef<HTMLTextAreaElement>(null);
  const chooser = useRef<HTMLInputElement>(null);
  const id = useId();
  const uploads = useSyncExternalStore(tray.subscribe, tray.getView);
  const stopTyping = useTypingSignal(draft, onTyping);
  const picker = useMentionPicker(field, draft, setDraft, agents);
  const attach = (files: readonly File[]): void => {
    if (why === undefined && files.length > 0) setWrong(tray.add(files));
  };
  useImperativeHandle(ref, () => ({ attach, focus: () => field.current?.focus() }));
  useEffect(() => {
    if (replyTo) field.current?.focus();
  }, [replyTo]);
  useKeys({ s: why === undefined ? () => field.current?.focus() : undefined });

  const text = draft.trim();
  const pending = uploads.some(({ state }) => state.kind === "sending");
  const broken = uploads.some(({ state }) => state.kind === "failed" || state.kind === "lost");
  const empty = text === "" && uploads.length === 0;
  const notYet =
    why ??
    (empty
      ? "Write something first"
      : pending
        ? "The files are still on their way"
        : broken
          ? "A file did not arrive. Try it again or take it out"
          : undefined);
  const submit = (): void => {
    if (empty || why !== undefined) return;
    const refused = notYet ?? whyTooLong(text);
    setWrong(refused);
    if (refused !== undefined) return;
    const asked = mentionsIn(text, agents);
    onSend({ text, attachments: tray.take(), replyTo: replyTo?.id, mentions: asked.length > 0 ? asked : undefined });
    setDraft("");
    stopTyping();
    onCancelReply();
    field.current?.focus();
  };
  const press = (event: KeyboardEvent): void => {
    // Enter that ends a word of an input method is not meant for us.
    if (event.nativeEvent.isComposing || picker.press(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    } else if (event.key === "ArrowUp" && draft === "") {
      event.preventDefault();
      onEditLast();
    } else if (event.key === "Escape") {
      if (replyTo) onCancelReply();
      else field.current?.blur();
    }
  };
  const paste = (event: ClipboardEvent): void => {
    const files = [...event.clipboardData.files];
    if (files.length === 0) return;
    event.preventDefault();
    attach(files);
  };
  return (
    <div className="composer">
      {picker.open && <MentionList id={`${id}-mentions`} picker={picker} />}
      {replyTo && (
        <p className="replying">
          <Icon name="reply" />
          <span className="grow" dir="auto">
            <b>{replyTo.by.name}</b> {inlineOf(replyTo.text).replace(/\s+/g, " ").slice(0, 160)}
          </span>
          <IconButton icon="x" label="Do not reply to this" onClick={onCancelReply} />
        </p>
      )}
      {uploads.length > 0 && <UploadList uploads={uploads} tray={tray} />}
      <label className="vh" htmlFor={id}>
        {hint}
      </label>
      <textarea
        ref={field}
        id={id}
        className="field"
        rows={1}
        dir="auto"
        placeholder={why ?? hint}
        value={draft}
        onChange={(event) => {
          setDraft(event.target.value);
          picker.moved(event.target.value, event.target.selectionStart);
        }}
        onSelect={(event) => picker.moved(event.currentTarget.value, event.currentTarget.selectionStart)}
        onBlur={picker.close}
        onKeyDown={press}
        onPaste={paste}
        aria-autocomplete="list"
        aria-controls={picker.open ? `${id}-mentions` : undefined}
        aria-activedescendant={picker.open ? `${id}-mentions-${picker.index}` : undefined}
        aria-describedby={wrong ? `${id}-wrong` : undefined}
      />
      {wrong && (
        <p className="composer-failed" id={`${id}-wrong`} role="alert">
          <Icon name="warn" />
          {wrong}
        </p>
      )}
      <div className="composer-bar">
        <input
          ref={chooser}
          type="file"
          multiple
          hidden
          onChange={(event) => {
            attach([...(event.target.files ?? [])]);
            event.target.value = "";
          }}
        />
        <IconButton icon="clip" label="Attach files" disabledBecause={why} onClick={() => chooser.current?.click()} />
        <span className="grow" />
        <span className="typing" role="status">
          {typing}
        </span>
        <IconButton
          icon="up"
          kind="primary"
          label="Send"
          disabledBecause={notYet}
          onClick={submit}
          aria-keyshortcuts="Enter Control+Enter"
        />
      </div>
    </div>
  );
}
