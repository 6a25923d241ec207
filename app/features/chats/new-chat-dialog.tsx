import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { TextField } from "../../components/field.tsx";
import { sentence } from "../../lib/queries.ts";
import { useCompany } from "../shell/company-context.tsx";
import { type Chat, chatApi } from "./chat-api.ts";
import { PickList, toggled, useAgentChoices, usePeopleChoices } from "./pick-list.tsx";

interface Props {
  open: boolean;
  onClose: () => void;
  onMade: (chat: Pick<Chat, "id">) => void;
}

/** Begins a conversation: with whom, what it is about, who sees it. */
export function NewChatDialog({ open, onClose, onMade }: Props) {
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="New conversation"
      description="The first agent you choose answers. The others answer when they are mentioned with @."
    >
      {open && <Form onClose={onClose} onMade={onMade} />}
    </Dialog>
  );
}

function Form({ onClose, onMade }: Omit<Props, "open">) {
  const { company, me } = useCompany();
  const agents = useAgentChoices();
  const people = usePeopleChoices();
  const [chosen, setChosen] = useState<readonly string[]>(agents.length === 1 && agents[0] ? [agents[0].id] : []);
  const [title, setTitle] = useState("");
  const [isPrivate, setPrivate] = useState(false);
  const [named, setNamed] = useState<readonly string[]>([]);
  const create = useMutation({
    mutationFn: () => {
      const [agentId = "", ...others] = chosen;
      return chatApi.create(company.id, {
        agentId,
        ...(others.length > 0 && { agents: [...chosen] }),
        ...(title.trim() !== "" && { title: title.trim() }),
        ...(isPrivate && { private: true, people: [me.id, ...named] }),
      });
    },
    onSuccess: (chat) => {
      onClose();
      onMade(chat);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (chosen.length > 0) create.mutate();
  };
  return (
    <form onSubmit={submit}>
      {agents.length === 0 && <p className="help">There is no agent yet. Make one on the Floor first.</p>}
      <PickList
        legend="Agents"
        choices={agents}
        chosen={chosen}
        note={chosen.length > 1 ? "answers by default" : undefined}
        onToggle={(id) => setChosen(toggled(chosen, id))}
      />
      <TextField
        label="Title"
        maxLength={200}
        autoComplete="off"
        placeholder="May stay empty: the first message gives it"
        value={title}
        onChange={(event) => setTitle(event.target.value)}
        error={create.error ? sentence(create.error) : undefined}
      />
      <label className="pick-row pick-private">
        <input type="checkbox" checked={isPrivate} onChange={() => setPrivate(!isPrivate)} />
        <span className="grow">
          <b>Private</b>
          <span className="dim">Only the people you name see it. It stays private for good.</span>
        </span>
      </label>
      {isPrivate && (
        <PickList
          legend="Who sees it"
          choices={people}
          chosen={named}
          fixed={me.id}
          onToggle={(id) => setNamed(toggled(named, id))}
        />
      )}
      <div className="btns dialog-foot">
        <Button
          kind="primary"
          type="submit"
          busy={create.isPending}
          disabledBecause={chosen.length === 0 ? "Choose at least one agent" : undefined}
        >
          Begin
        </Button>
        <Button kind="ghost" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
