import { useNavigate } from "@tanstack/react-router";
import { type RefObject, useEffect } from "react";
import { useKeys } from "../../lib/keys.ts";
import { useCompany } from "../shell/company-context.tsx";
import type { Chat } from "./chat-api.ts";

/** J and K move through the list, Alt with up and down opens the next conversation, with Shift the next one with news. */
export function useRoomKeys(list: RefObject<HTMLElement | null>, chats: readonly Chat[], current: string | undefined): void {
  const { company } = useCompany();
  const navigate = useNavigate();
  const move = (by: 1 | -1): void => {
    const links = [...(list.current?.querySelectorAll<HTMLElement>("a.conv") ?? [])];
    const at = links.findIndex((link) => link.matches(":focus"));
    const from = at >= 0 ? at : links.findIndex((link) => link.ariaCurrent === "true");
    links[Math.min(links.length - 1, Math.max(0, from + by))]?.focus();
  };
  useKeys({ j: () => move(1), k: () => move(-1) });
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (!event.altKey || event.ctrlKey || event.metaKey) return;
      if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
      const next = nextChat(chats, current, event.key === "ArrowDown" ? 1 : -1, event.shiftKey);
      if (!next) return;
      event.preventDefault();
      void navigate({ to: "/c/$company/chats/$session", params: { company: company.id, session: next.id } });
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [chats, current, navigate, company.id]);
}

/** The next conversation in a direction, optionally only one with unread messages. */
export function nextChat<C extends { id: string; unread: number }>(
  chats: readonly C[],
  current: string | undefined,
  by: 1 | -1,
  onlyUnread: boolean,
): C | undefined {
  const at = chats.findIndex(({ id }) => id === current);
  const onward = by === 1 ? chats.slice(at + 1) : chats.slice(0, Math.max(0, at)).toReversed();
  return onlyUnread ? onward.find(({ unread }) => unread > 0) : onward[0];
}
