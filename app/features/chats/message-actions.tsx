import type { Message } from "../../../party/protocol/session.ts";
import { IconButton } from "../../components/button.tsx";
import { Menu, type MenuEntry } from "../../components/menu.tsx";
import { copyText } from "../../lib/copy.ts";
import { inlineOf } from "../../lib/long-text.ts";
import { useCompany } from "../shell/company-context.tsx";
import { useDeeds } from "./chat-context.tsx";

/** What can be done with a message: replying in one press, the rest in its menu. */
export function MessageActions({ message, own }: { message: Message; own: boolean }) {
  const { company } = useCompany();
  const deeds = useDeeds();
  const { why } = deeds;
  const again =
    message.by.kind === "agent"
      ? deeds.askAgain(message)
      : own && message.mentions?.length
        ? () => deeds.again(message.id)
        : undefined;
  const entries: MenuEntry[] = [
    { kind: "action", id: "reply", icon: "reply", label: "Reply", disabledBecause: why, onSelect: () => deeds.reply(message) },
    {
      kind: "action",
      id: "copy",
      icon: "copy",
      label: "Copy text",
      onSelect: () => void copyText(inlineOf(message.text), "Text copied"),
    },
    {
      kind: "action",
      id: "link",
      icon: "link",
      label: "Copy link",
      onSelect: () =>
        void copyText(`${location.origin}/c/${company.id}/chats/${deeds.session}?message=${message.id}`, "Link copied"),
    },
  ];
  if (again)
    entries.push({ kind: "action", id: "again", icon: "undo", label: "Ask again", disabledBecause: why, onSelect: again });
  if (own) {
    entries.push(
      { kind: "line", id: "own" },
      {
        kind: "action",
        id: "edit",
        icon: "edit",
        label: "Edit",
        hint: "Up",
        disabledBecause: why,
        onSelect: () => deeds.beginEdit(message.id),
      },
      {
        kind: "action",
        id: "delete",
        icon: "bin",
        label: "Delete",
        danger: true,
        disabledBecause: why,
        onSelect: () => deeds.remove(message),
      },
    );
  }
  return (
    <div className="msg-acts">
      <IconButton icon="reply" label="Reply" disabledBecause={why} onClick={() => deeds.reply(message)} className="msg-reply" />
      <Menu
        align={own ? "end" : "start"}
        trigger={<IconButton icon="more" label="More about this message" />}
        entries={entries}
      />
    </div>
  );
}
