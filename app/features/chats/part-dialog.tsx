import { useMutation, useQuery } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { LogSkeleton } from "../../components/states.tsx";
import { sentence } from "../../lib/queries.ts";
import { useCompany } from "../shell/company-context.tsx";
import type { Chat } from "./chat-api.ts";
import { changeNewest, chatQuery } from "./chat-queries.ts";
import { PickList, toggled, useAgentChoices, usePeopleChoices } from "./pick-list.tsx";

/** Who takes part in a conversation: its agents and, of a private one, the people who see it. */
export function PartDialog({ session, open, onClose }: { session: string; open: boolean; onClose: () => void }) {
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Who takes part"
      description="The first agent answers by default; the others answer when they are mentioned with @."
    >
      {open && <Loaded session={session} onClose={onClose} />}
    </Dialog>
  );
}

function Loaded({ session, onClose }: { session: string; onClose: () => void }) {
  const { company } = useCompany();
  const chat = useQuery({ ...chatQuery(company.id, session), staleTime: 0 });
  if (!chat.data) return chat.error ? <p className="help bad">{sentence(chat.error)}</p> : <LogSkeleton />;
  return <Form key={chat.data.version} chat={chat.data} onClose={onClose} />;
}

function Form({ chat, onClose }: { chat: Chat; onClose: () => void }) {
  const { company, me } = useCompany();
  const agents = useAgentChoices();
  const everyone = usePeopleChoices();
  const [chosen, setChosen] = useState<readonly string[]>(chat.agents.map(({ id }) => id));
  const [named, setNamed] = useState<readonly string[]>((chat.people ?? []).map(({ id }) => id));
  const save = useMutation({
    mutationFn: () =>
      changeNewest(company.id, chat, { agents: [...chosen], ...(chat.private && { people: [...new Set([me.id, ...named])] }) }),
    onSuccess: onClose,
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (chosen.length > 0) save.mutate();
  };
  return (
    <form onSubmit={submit}>
      <PickList
        legend="Agents"
        choices={agents}
        chosen={chosen}
        note="answers by default"
        onToggle={(id) => setChosen(toggled(chosen, id))}
      />
      {chat.private && (
        <PickList
          legend="Who sees it"
          choices={everyone}
          chosen={named}
          fixed={me.id}
          onToggle={(id) => setNamed(toggled(named, id))}
        />
      )}
      {save.error && (
        <p className="help bad" role="alert">
          {sentence(save.error)}
        </p>
      )}
      <div className="btns dialog-foot">
        <Button
          kind="primary"
          type="submit"
          busy={save.isPending}
          disabledBecause={chosen.length === 0 ? "Choose at least one agent" : undefined}
        >
          Save
        </Button>
        <Button kind="ghost" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
