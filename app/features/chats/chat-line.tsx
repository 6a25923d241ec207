import { Link } from "@tanstack/react-router";
import { AgentAvatar } from "../../components/avatar.tsx";
import { IconButton } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { Menu } from "../../components/menu.tsx";
import { useNow } from "../../lib/clock.ts";
import { ago } from "../../lib/format.ts";
import { firstName } from "../../lib/identity.ts";
import { useCompany } from "../shell/company-context.tsx";
import type { Chat } from "./chat-api.ts";
import { useChatMenu } from "./chat-menu.tsx";

/** One conversation in the list: what it is called, the last line, who answers, how much is new. */
export function ChatLine({ chat, current }: { chat: Chat; current: boolean }) {
  const { company, room } = useCompany();
  const now = useNow() + room.clockOffsetMs;
  const menu = useChatMenu(chat);
  const unread = current ? 0 : chat.unread;
  return (
    <li className="conv-row">
      <Link
        className="conv"
        to="/c/$company/chats/$session"
        params={{ company: company.id, session: chat.id }}
        aria-current={current || undefined}
        data-unread={unread > 0 || undefined}
      >
        <AgentAvatar name={chat.agentName} />
        <span className="conv-main">
          <span className="conv-top">
            <b dir="auto">{chat.title}</b>
            {chat.private && (
              <span className="conv-private">
                <Icon name="lock" />
                <span className="vh">, private</span>
              </span>
            )}
            <time dateTime={chat.lastMessageAt ?? chat.createdAt}>{ago(chat.lastMessageAt ?? chat.createdAt, now)}</time>
          </span>
          <span className="conv-sub" dir="auto">
            <LastLine chat={chat} />
          </span>
          <span className="conv-who">{answerers(chat)}</span>
        </span>
        {unread > 0 && (
          <span className="count strong">
            <span className="vh">, </span>
            {unread}
            <span className="vh"> unread</span>
          </span>
        )}
      </Link>
      <Menu
        align="end"
        trigger={<IconButton icon="more" label={`More about ${chat.title}`} className="conv-menu" />}
        entries={menu.entries}
      />
      {menu.dialogs}
    </li>
  );
}

function LastLine({ chat }: { chat: Chat }) {
  const { me } = useCompany();
  const last = chat.lastMessage;
  if (!last) return "Nothing said yet";
  const who = last.by.id === me.id ? "You" : last.by.kind === "person" ? firstName(last.by.name) : last.by.name;
  return `${who}: ${oneLine(last.text) || "sent files"}`;
}

/** "Guide answers", "Guide answers, also Scout and Writer" */
function answerers({ agents, agent, agentName }: Chat): string {
  const others = agents.filter(({ id }) => id !== agent).map(({ name }) => name);
  if (others.length === 0) return `${agentName} answers`;
  const list = others.length === 1 ? others[0] : `${others.slice(0, -1).join(", ")} and ${others.at(-1)}`;
  return `${agentName} answers, also ${list}`;
}

/** One line of a text without the marks of Markdown: in a list they only take room. */
function oneLine(text: string): string {
  return text.replace(/\*\*|__|~~|`+|^#{1,6}\s/gm, "").replace(/\s+/g, " ");
}
