import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useDeferredValue, useRef, useState } from "react";
import { Button, IconButton } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { EmptyState, Late, Note } from "../../components/states.tsx";
import { useKeys } from "../../lib/keys.ts";
import { sentence } from "../../lib/queries.ts";
import { useCompany } from "../shell/company-context.tsx";
import type { Chat, ChatFilter } from "./chat-api.ts";
import { ChatLine } from "./chat-line.tsx";
import { chatsQuery } from "./chat-queries.ts";
import { NewChatDialog } from "./new-chat-dialog.tsx";
import { useRoomKeys } from "./use-room-keys.ts";
import { whyNotTalk } from "./who-answers.ts";

/** The conversations a person may see: the newest talk first, searched and filtered as they type. */
export function ChatList({
  current,
  filter: { archived, q: typed },
  onFilter,
}: {
  current: string | undefined;
  filter: ChatFilter;
  onFilter: (filter: ChatFilter) => void;
}) {
  const { company, role } = useCompany();
  const setArchived = (now: boolean): void => onFilter({ archived: now, q: typed });
  const setTyped = (q: string): void => onFilter({ archived, q });
  const [making, setMaking] = useState(false);
  const search = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const q = useDeferredValue(typed.trim());
  const query = useInfiniteQuery(chatsQuery(company.id, { archived, q }));
  const chats = query.data?.pages.flatMap((page) => page.items) ?? [];
  const why = whyNotTalk(role);
  useKeys({ c: why === undefined ? () => setMaking(true) : undefined, "/": () => search.current?.focus() });
  useRoomKeys(list, chats, current);
  return (
    <section className="convs" aria-label="List of conversations">
      <div className="list-tools">
        <fieldset className="seg" aria-label="Which conversations">
          <button type="button" aria-pressed={!archived} onClick={() => setArchived(false)}>
            Open
          </button>
          <button type="button" aria-pressed={archived} onClick={() => setArchived(true)}>
            Archived
          </button>
        </fieldset>
        <span className="grow" />
        <IconButton icon="plus" label="New conversation" shortcut="C" disabledBecause={why} onClick={() => setMaking(true)} />
      </div>
      <label className="conv-search">
        <Icon name="search" className="dim" />
        <span className="vh">Search conversations</span>
        <input
          ref={search}
          type="search"
          placeholder="Search conversations"
          maxLength={200}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            setTyped("");
            event.currentTarget.blur();
          }}
        />
      </label>
      {query.isError && chats.length === 0 ? (
        <Note
          kind="fail"
          icon="warn"
          title="The list could not be read"
          action={<Button onClick={() => void query.refetch()}>Try again</Button>}
        >
          {sentence(query.error)}
        </Note>
      ) : query.isPending ? (
        <ListSkeleton />
      ) : chats.length === 0 ? (
        <Nothing archived={archived} q={q} why={why} onNew={() => setMaking(true)} onArchived={() => setArchived(true)} />
      ) : (
        <>
          <ul ref={list} aria-label={archived ? "Archived conversations" : "Conversations"} aria-busy={query.isPlaceholderData}>
            {chats.map((chat) => (
              <ChatLine key={chat.id} chat={chat} current={chat.id === current} />
            ))}
          </ul>
          {query.hasNextPage && (
            <p className="conv-more">
              <Button small busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                Older conversations
              </Button>
            </p>
          )}
        </>
      )}
      <NewChat open={making} onClose={() => setMaking(false)} />
    </section>
  );
}

function NewChat({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { company } = useCompany();
  const navigate = useNavigate();
  return (
    <NewChatDialog
      open={open}
      onClose={onClose}
      onMade={(chat: Pick<Chat, "id">) =>
        void navigate({ to: "/c/$company/chats/$session", params: { company: company.id, session: chat.id } })
      }
    />
  );
}

function Nothing({
  archived,
  q,
  why,
  onNew,
  onArchived,
}: {
  archived: boolean;
  q: string;
  why: string | undefined;
  onNew: () => void;
  onArchived: () => void;
}) {
  if (q !== "") {
    return (
      <EmptyState
        icon="search"
        title={`No match for "${q}"`}
        action={!archived && <Button onClick={onArchived}>Search the archived ones</Button>}
      >
        {archived ? "Open conversations are not included." : "Archived conversations are not included."}
      </EmptyState>
    );
  }
  if (archived) {
    return (
      <EmptyState icon="archive" title="Nothing is archived">
        Conversations that are over can be archived from their menu. Nothing in them is lost.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon="chat"
      title="No conversations yet"
      action={
        <Button kind="primary" icon="plus" shortcut="C" disabledBecause={why} onClick={onNew}>
          New conversation
        </Button>
      }
    >
      Talk with one agent or several. Everyone in the company can read along and join in.
    </EmptyState>
  );
}

function ListSkeleton() {
  return (
    <Late>
      <div className="conv-skeleton" role="status" aria-busy="true" aria-label="Loading conversations">
        {["w-3/5", "w-4/5", "w-2/5"].map((width) => (
          <div className="conv" key={width}>
            <span className="sk sq" />
            <span className="sk-lines">
              <i className={`sk ${width}`} />
              <i className="sk w-11/12" />
            </span>
          </div>
        ))}
      </div>
    </Late>
  );
}
