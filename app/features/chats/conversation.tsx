import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Message } from "../../../party/protocol/session.ts";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { fetchMarkdown } from "../../components/markdown.tsx";
import { EmptyState, LogSkeleton } from "../../components/states.tsx";
import { toast } from "../../components/toast.tsx";
import { usePhone } from "../../lib/layout.ts";
import { useCompany } from "../shell/company-context.tsx";
import { RoomBanner } from "../shell/room-banner.tsx";
import type { ComposerHandle } from "./chat-composer.tsx";
import { ChatProvider } from "./chat-context.tsx";
import { ChatDock } from "./chat-dock.tsx";
import { chatQuery } from "./chat-queries.ts";
import { DropZone } from "./drop-zone.tsx";
import { MessageLog } from "./message-log.tsx";
import { chatRows, firstUnread } from "./rows.ts";
import type { OpenChat } from "./use-chat.ts";
import { useDeedsOf } from "./use-deeds.ts";
import { useMarkRead } from "./use-mark-read.ts";
import { whyNotWrite } from "./who-answers.ts";

/** One conversation: its messages, who answers, where to write. */
export function Conversation({
  chat,
  target,
  onTarget,
  head,
}: {
  chat: OpenChat;
  /** the message the address names */
  target: string | undefined;
  onTarget: (message: string | undefined) => void;
  head?: React.ReactNode;
}) {
  const { me, role } = useCompany();
  const phone = usePhone();
  const { room, session, messages, sending, above, history } = chat;
  const { state, store } = room;
  const why = whyNotWrite(state?.config, role);
  const [replyTo, setReplyTo] = useState<Message>();
  const [editing, setEditing] = useState<string>();
  const [removing, setRemoving] = useState<Message>();
  const [atEnd, setAtEnd] = useState(target === undefined);
  const composer = useRef<ComposerHandle>(null);
  const device = phone ? "phone" : "desktop";
  useEffect(() => store.present({ device }), [store, device]);
  useEffect(fetchMarkdown, []);

  const unread = useUnreadFrom(session, messages, state !== undefined);
  useMarkRead(session, unread.known ? messages.at(-1)?.id : undefined, room.seq, atEnd);
  useReach(history, target, state !== undefined);

  const deeds = useDeedsOf({ chat, why, setReplyTo, setEditing, setRemoving, onTarget });
  const rows = useMemo(
    () =>
      chatRows({
        messages,
        told: state?.told ?? {},
        answers: state?.answers ?? [],
        outgoing: sending,
        me: me.id,
        unreadFrom: unread.from,
      }),
    [messages, state?.told, state?.answers, sending, me.id, unread.from],
  );
  const editLast = useCallback(() => {
    const last = history.getView().messages.findLast((message) => message.by.id === me.id && !message.deleted);
    if (last) setEditing(last.id);
  }, [history, me.id]);

  if (!state && room.status.kind === "refused") return <NotHere onRetry={() => store.start()} head={head} />;
  return (
    <ChatProvider deeds={deeds} editing={editing}>
      <DropZone
        className={phone ? "m-body m-room chat-room" : "room chat-room"}
        label={state?.config?.title ?? "Conversation"}
        why={why}
        onFiles={(files) => composer.current?.attach(files)}
      >
        {head}
        {(room.status.kind === "refused" || room.status.kind === "outdated") && (
          <RoomBanner status={room.status} onRetry={() => store.start()} />
        )}
        {!state ? (
          <LogSkeleton />
        ) : rows.length === 0 ? (
          <EmptyState icon="chat" title="Nothing said yet">
            {state.config
              ? `Write below. ${state.config.agentName} answers, and everyone here reads along.`
              : "It is being set up."}
          </EmptyState>
        ) : (
          <MessageLog
            rows={rows}
            above={above}
            label={`Messages of ${state.config?.title ?? "the conversation"}`}
            onOlder={() => void history.older()}
            target={target}
            onAtEnd={setAtEnd}
          />
        )}
        <ChatDock
          chat={chat}
          why={why}
          replyTo={replyTo}
          composer={composer}
          onCancelReply={() => setReplyTo(undefined)}
          onEditLast={editLast}
          onSent={() => onTarget(undefined)}
        />
      </DropZone>
      <RemoveDialog
        message={removing}
        onClose={() => setRemoving(undefined)}
        onRemove={(message) => deeds.removeNow(message.id)}
      />
    </ChatProvider>
  );
}

/** What was new when the person came in, as the records say it. */
function useUnreadFrom(
  session: string,
  messages: readonly Message[],
  ready: boolean,
): { known: boolean; from: { id: string; count: number } | undefined } {
  const { company, me } = useCompany();
  const record = useQuery({ ...chatQuery(company.id, session), gcTime: 0, staleTime: Number.POSITIVE_INFINITY });
  const [from, setFrom] = useState<{ id: string; count: number } | "none">();
  const count = record.isFetchedAfterMount || record.isError ? (record.data?.unread ?? 0) : undefined;
  if (from === undefined && ready && count !== undefined) setFrom(firstUnread(messages, me.id, count) ?? "none");
  return { known: from !== undefined, from: from === "none" ? undefined : from };
}

/** Reads upwards until the message that the address names is there. */
function useReach(history: OpenChat["history"], target: string | undefined, ready: boolean): void {
  useEffect(() => {
    if (target === undefined || !ready) return;
    let gone = false;
    void history.reach(target).then((found) => {
      if (!found && !gone) toast("info", "That message is not here any more, or it is too far back to show.");
    });
    return () => {
      gone = true;
    };
  }, [history, target, ready]);
}

function NotHere({ onRetry, head }: { onRetry: () => void; head: React.ReactNode }) {
  return (
    <section className="room chat-room" aria-label="Conversation">
      {head}
      <EmptyState icon="lock" title="This conversation is not here" action={<Button onClick={onRetry}>Try again</Button>}>
        It was removed, it is private to others, or the address is not whole.
      </EmptyState>
    </section>
  );
}

function RemoveDialog({
  message,
  onClose,
  onRemove,
}: {
  message: Message | undefined;
  onClose: () => void;
  onRemove: (message: Message) => void;
}) {
  return (
    <Dialog
      open={message !== undefined}
      onClose={onClose}
      title="Delete this message?"
      description="Its text and files go for everyone; that there was a message stays. Agents that were asked are told. It cannot be undone."
    >
      <div className="btns dialog-foot">
        <Button
          kind="danger"
          onClick={() => {
            if (message) onRemove(message);
            onClose();
          }}
        >
          Delete
        </Button>
        <Button kind="ghost" onClick={onClose}>
          Keep it
        </Button>
      </div>
    </Dialog>
  );
}
