import { type FormEvent, type ReactNode, useState } from "react";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { TextField } from "../../components/field.tsx";
import type { MenuEntry } from "../../components/menu.tsx";
import { toast } from "../../components/toast.tsx";
import { copyText } from "../../lib/copy.ts";
import { sentence } from "../../lib/queries.ts";
import { useCompany } from "../shell/company-context.tsx";
import { changeNewest } from "./chat-queries.ts";
import { PartDialog } from "./part-dialog.tsx";
import { whyNotTalk } from "./who-answers.ts";

/** Longest title of a conversation, characters. */
const TITLE_CHARS = 200;

interface Titled {
  id: string;
  title: string;
  archived: boolean;
  version: number;
}

/** What can be done to a conversation as a whole: its menu, and the dialog that one line of it opens. */
export function useChatMenu(chat: Titled): { entries: MenuEntry[]; dialogs: ReactNode } {
  const { company, role } = useCompany();
  const [renaming, setRenaming] = useState(false);
  const [parting, setParting] = useState(false);
  const why = whyNotTalk(role);
  const archive = async (archived: boolean): Promise<void> => {
    try {
      await changeNewest(company.id, chat, { archived });
      toast("done", archived ? `"${chat.title}" is archived. Find it under Archived.` : `"${chat.title}" is open again.`);
    } catch (error) {
      toast("fail", sentence(error));
    }
  };
  const entries: MenuEntry[] = [
    { kind: "action", id: "rename", icon: "edit", label: "Rename", disabledBecause: why, onSelect: () => setRenaming(true) },
    {
      kind: "action",
      id: "part",
      icon: "users",
      label: "Who takes part",
      disabledBecause: why,
      onSelect: () => setParting(true),
    },
    {
      kind: "action",
      id: "link",
      icon: "link",
      label: "Copy link",
      onSelect: () => void copyText(`${location.origin}/c/${company.id}/chats/${chat.id}`, "Link copied"),
    },
    chat.archived
      ? {
          kind: "action",
          id: "open",
          icon: "undo",
          label: "Bring back",
          disabledBecause: why,
          onSelect: () => void archive(false),
        }
      : {
          kind: "action",
          id: "archive",
          icon: "archive",
          label: "Archive",
          disabledBecause: why,
          onSelect: () => void archive(true),
        },
  ];
  return {
    entries,
    dialogs: (
      <>
        <RenameDialog chat={chat} open={renaming} onClose={() => setRenaming(false)} />
        <PartDialog session={chat.id} open={parting} onClose={() => setParting(false)} />
      </>
    ),
  };
}

function RenameDialog({ chat, open, onClose }: { chat: Titled; open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title="Rename the conversation" description="Everyone who sees it sees the new title.">
      {open && <RenameForm chat={chat} onClose={onClose} />}
    </Dialog>
  );
}

function RenameForm({ chat, onClose }: { chat: Titled; onClose: () => void }) {
  const { company } = useCompany();
  const [title, setTitle] = useState(chat.title);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      await changeNewest(company.id, chat, { title: title.trim() });
      onClose();
    } catch (error) {
      setWrong(sentence(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <TextField
        label="Title"
        required
        autoComplete="off"
        maxLength={TITLE_CHARS}
        value={title}
        onChange={(event) => setTitle(event.target.value)}
        error={wrong}
      />
      <div className="btns dialog-foot">
        <Button kind="primary" type="submit" busy={busy}>
          Rename
        </Button>
        <Button kind="ghost" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
