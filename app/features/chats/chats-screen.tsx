import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { EmptyState } from "../../components/states.tsx";
import { usePhone } from "../../lib/layout.ts";
import { queryClient } from "../../lib/queries.ts";
import { useCompany } from "../shell/company-context.tsx";
import { Page } from "../shell/page.tsx";
import { CHATS } from "../shell/places.ts";
import { ChatHead } from "./chat-head.tsx";
import { ChatList } from "./chat-list.tsx";
import { chatQuery, OPEN_CHATS } from "./chat-queries.ts";
import { Conversation } from "./conversation.tsx";
import { useChat } from "./use-chat.ts";

/** Conversations: the list and the open one side by side, one of the two on a phone. */
export function ChatsScreen({ session, message }: { session: string | undefined; message: string | undefined }) {
  const { company } = useCompany();
  const phone = usePhone();
  const [filter, setFilter] = useState(OPEN_CHATS);
  const record = useQuery({ ...chatQuery(company.id, session ?? ""), enabled: session !== undefined });
  const title = session === undefined ? "Conversations" : (record.data?.title ?? "Conversation");
  if (phone && session !== undefined)
    return <PhoneConversation key={session} session={session} message={message} title={title} />;
  if (phone) {
    return (
      <Page title={title} place={CHATS}>
        <main className="m-body">
          <ChatList current={undefined} filter={filter} onFilter={setFilter} />
        </main>
      </Page>
    );
  }
  return (
    <Page title={title} place={CHATS} heading={<h1>Conversations</h1>}>
      <div className="with-list">
        <ChatList current={session} filter={filter} onFilter={setFilter} />
        {session === undefined ? (
          <section className="room" aria-label="No conversation is open">
            <EmptyState icon="chat" title="Choose a conversation">
              It opens here. J and K move through the list, Enter opens, C begins a new one.
            </EmptyState>
          </section>
        ) : (
          <DeskConversation key={session} session={session} message={message} />
        )}
      </div>
    </Page>
  );
}

function DeskConversation({ session, message }: { session: string; message: string | undefined }) {
  const open = useOpen(session);
  return <Conversation {...open.conversation} target={message} head={<ChatHead chat={open.chat} version={open.version} />} />;
}

function PhoneConversation({ session, message, title }: { session: string; message: string | undefined; title: string }) {
  const open = useOpen(session);
  return (
    <Page
      title={title}
      place={CHATS}
      phoneTop={<ChatHead chat={open.chat} version={open.version} phone />}
      status={open.chat.room.status}
    >
      <main className="contents">
        <Conversation {...open.conversation} target={message} />
      </main>
    </Page>
  );
}

/** What both layouts need of an open conversation. */
function useOpen(session: string) {
  const { company } = useCompany();
  const navigate = useNavigate();
  const chat = useChat(session);
  const record = useQuery({ ...chatQuery(company.id, session) });
  const config = chat.room.state?.config;
  const title = config?.title;
  const archived = config?.archived;
  useEffect(() => {
    // The room hears of a new title first; the record has the version that the next change names.
    if (title !== undefined && archived !== undefined)
      void queryClient.invalidateQueries({ queryKey: chatQuery(company.id, session).queryKey });
  }, [company.id, session, title, archived]);
  const onTarget = (target: string | undefined): void =>
    void navigate({
      to: "/c/$company/chats/$session",
      params: { company: company.id, session },
      search: target === undefined ? {} : { message: target },
      replace: true,
    });
  return { chat, version: record.data?.version ?? 1, conversation: { chat, onTarget } };
}
