import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { AgentAvatar, Stack } from "../../components/avatar.tsx";
import { Button, IconButton } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { Menu, type MenuEntry } from "../../components/menu.tsx";
import { toast } from "../../components/toast.tsx";
import { useNarrow } from "../../lib/layout.ts";
import { sentence } from "../../lib/queries.ts";
import { useCompany } from "../shell/company-context.tsx";
import { ConnectionPill } from "../shell/connection-pill.tsx";
import { useChatMenu } from "./chat-menu.tsx";
import type { OpenChat } from "./use-chat.ts";
import { answererWords, whyNotWrite } from "./who-answers.ts";

/** The head of a conversation: what it is about, who answers, who is here, what can be done with it. */
export function ChatHead({ chat, version, phone = false }: { chat: OpenChat; version: number; phone?: boolean }) {
  const { company, me, role } = useCompany();
  const narrow = useNarrow();
  const { room, session } = chat;
  const { state, store } = room;
  const config = state?.config;
  const title = config?.title ?? "Conversation";
  const menu = useChatMenu({ id: session, title, archived: config?.archived ?? false, version });
  const [busy, setBusy] = useState(false);
  const why = whyNotWrite(config, role);
  const takeOver = async (): Promise<void> => {
    setBusy(true);
    try {
      await store.command({ type: "session.takeOver" });
    } catch (error) {
      toast("fail", sentence(error));
    } finally {
      setBusy(false);
    }
  };
  const canTake = state?.answeredBy.kind === "agent";
  const take: MenuEntry[] = canTake
    ? [{ kind: "action", id: "take", icon: "hand", label: "Take over", disabledBecause: why, onSelect: () => void takeOver() }]
    : [];
  const others = room.people.filter((person) => person.id !== me.id);
  const Title = phone ? "h1" : "h2";
  return (
    <header className={phone ? "m-top room-top" : "conv-head"}>
      {phone && (
        <Link
          className="btn icon ghost"
          to="/c/$company/chats"
          params={{ company: company.id }}
          aria-label="Back to the conversations"
        >
          <Icon name="left" />
        </Link>
      )}
      <AgentAvatar name={config?.agentName ?? "Agent"} />
      <span className="who">
        <Title dir="auto">{title}</Title>
        <span>
          {config?.archived && "archived, "}
          {state && answererWords(state)}
        </span>
      </span>
      {config?.private && (
        <span className="tag" title={`Only ${(config.people ?? []).map(({ name }) => name).join(", ")} see it`}>
          <Icon name="lock" />
          Private
        </span>
      )}
      {room.status.kind === "live" ? <Stack people={others} max={phone ? 2 : 3} /> : <ConnectionPill status={room.status} />}
      {!phone && !narrow && canTake && (
        <Button icon="hand" busy={busy} disabledBecause={why} onClick={() => void takeOver()}>
          Take over
        </Button>
      )}
      <Menu
        align="end"
        trigger={<IconButton icon="more" label="More about this conversation" />}
        entries={phone || narrow ? [...take, ...menu.entries] : menu.entries}
      />
      {menu.dialogs}
    </header>
  );
}
