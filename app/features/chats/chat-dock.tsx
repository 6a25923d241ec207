import { type RefObject, useCallback, useState } from "react";
import type { Message } from "../../../party/protocol/session.ts";
import { toast } from "../../components/toast.tsx";
import { firstName } from "../../lib/identity.ts";
import { usePhone } from "../../lib/layout.ts";
import { sentence } from "../../lib/queries.ts";
import { useCompany } from "../shell/company-context.tsx";
import { ChatComposer, type ComposerHandle } from "./chat-composer.tsx";
import { TakeoverBar } from "./takeover-bar.tsx";
import type { OpenChat } from "./use-chat.ts";
import { agentsOf } from "./who-answers.ts";

interface DockProps {
  chat: OpenChat;
  why: string | undefined;
  replyTo: Message | undefined;
  composer: RefObject<ComposerHandle | null>;
  onCancelReply: () => void;
  onEditLast: () => void;
  onSent: () => void;
}

/** Below the messages: who has taken over, who is typing, where to write. */
export function ChatDock({ chat, why, replyTo, composer, onCancelReply, onEditLast, onSent }: DockProps) {
  const { me } = useCompany();
  const phone = usePhone();
  const { room, session, outgoing, history, tray } = chat;
  const { store, state } = room;
  const [busy, setBusy] = useState(false);
  const say = useCallback((typing: boolean) => store.present({ typing }), [store]);
  const handBack = async (): Promise<void> => {
    setBusy(true);
    try {
      await store.command({ type: "session.handBack" });
    } catch (error) {
      toast("fail", sentence(error));
    } finally {
      setBusy(false);
    }
  };
  const agents = state?.config ? agentsOf(state.config) : [];
  return (
    <div className={phone ? "m-dock" : "dock"}>
      {state && <TakeoverBar state={state} busy={busy} why={why} onHandBack={() => void handBack()} />}
      <ChatComposer
        key={session}
        ref={composer}
        session={session}
        agents={agents}
        hint={hintOf(chat)}
        why={state ? why : "The conversation is not here yet"}
        typing={typingWords(
          room.people.filter((person) => person.typing && person.id !== me.id).map(({ name }) => firstName(name)),
        )}
        replyTo={replyTo}
        tray={tray}
        onTyping={say}
        onSend={(written) => {
          outgoing.send(written, history.known);
          onSent();
        }}
        onCancelReply={onCancelReply}
        onEditLast={onEditLast}
      />
    </div>
  );
}

function typingWords(names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  if (names.length > 2) return `${names.length} people are typing`;
  return `${names.join(" and ")} ${names.length === 1 ? "is" : "are"} typing`;
}

/** Whom a message reaches. */
function hintOf({ room: { state } }: OpenChat): string {
  if (!state?.config) return "Message";
  if (state.answeredBy.kind === "person") return "Message the people here";
  const others = agentsOf(state.config).length - 1;
  return others > 0 ? `Message ${state.config.agentName}, or @ another agent` : `Message ${state.config.agentName}`;
}
