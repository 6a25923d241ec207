import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { AgentAvatar } from "../../components/avatar.tsx";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { TextField } from "../../components/field.tsx";
import { sentence } from "../../lib/queries.ts";
import { byName } from "../floor/roster.ts";
import { useCompany } from "../shell/company-context.tsx";
import { type Chat, chatApi } from "./chat-api.ts";

/** Begins a conversation: with whom, and what it is about. */
export function NewChatDialog({
  open,
  onClose,
  onMade,
}: {
  open: boolean;
  onClose: () => void;
  onMade: (chat: Pick<Chat, "id">) => void;
}) {
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

function Form({ onClose, onMade }: { onClose: () => void; onMade: (chat: Pick<Chat, "id">) => void }) {
  const { company, state } = useCompany();
  const agents = Object.values(state?.roster ?? {})
    .filter((entry) => entry.status !== "retired")
    .sort(byName);
  const [chosen, setChosen] = useState<readonly string[]>(agents.length === 1 && agents[0] ? [agents[0].agent] : []);
  const [title, setTitle] = useState("");
  const create = useMutation({
    mutationFn: () => {
      const [first = "", ...others] = chosen;
      return chatApi.create(company.id, {
        agentId: first,
        ...(others.length > 0 && { agents: [...chosen] }),
        ...(title.trim() !== "" && { title: title.trim() }),
      });
    },
    onSuccess: (chat) => {
      onClose();
      onMade(chat);
    },
  });
  const toggle = (agent: string): void =>
    setChosen((before) => (before.includes(agent) ? before.filter((one) => one !== agent) : [...before, agent]));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (chosen.length > 0) create.mutate();
  };
  return (
    <form onSubmit={submit}>
      <fieldset className="pick">
        <legend className="lab">Agents</legend>
        {agents.length === 0 && <p className="help">There is no agent yet. Make one on the Floor first.</p>}
        {agents.map(({ agent, name, title: what }) => (
          <label key={agent} className="pick-row">
            <input type="checkbox" checked={chosen.includes(agent)} onChange={() => toggle(agent)} />
            <AgentAvatar name={name} title={what} size="sm" />
            <span className="grow">
              <b>{name}</b>
              {what && <span className="dim">{what}</span>}
            </span>
            {chosen.length > 1 && chosen[0] === agent && <span className="dim">answers by default</span>}
          </label>
        ))}
      </fieldset>
      <TextField
        label="Title"
        maxLength={200}
        autoComplete="off"
        placeholder="What it is about; may stay empty"
        value={title}
        onChange={(event) => setTitle(event.target.value)}
        error={create.error ? sentence(create.error) : undefined}
      />
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
