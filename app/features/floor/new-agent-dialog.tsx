import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { TextArea, TextField } from "../../components/field.tsx";
import { api } from "../../lib/api.ts";
import { ApiError } from "../../lib/http.ts";
import { sentence } from "../../lib/queries.ts";
import { useCompany } from "../shell/company-context.tsx";

/** Makes an agent: a name, what it is, how it should work. */
export function NewAgentDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="New agent"
      description="It gets the Balanced model, or rehearses by a script while there is no provider key. Its settings change that."
    >
      <Form onClose={onClose} />
    </Dialog>
  );
}

function Form({ onClose }: { onClose: () => void }) {
  const { company } = useCompany();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [title, setTitle] = useState("");
  const [instructions, setInstructions] = useState("");
  const create = useMutation({
    mutationFn: () => api.createAgent(company.id, { name: name.trim(), title: title.trim(), instructions }),
    onSuccess: async (agent) => {
      onClose();
      await navigate({ to: "/c/$company/agents/$agent", params: { company: company.id, agent: agent.id } });
    },
  });
  const { error } = create;
  const wrong = (field: string): string | undefined =>
    error instanceof ApiError && error.field === field ? error.message : undefined;
  const general = error && !["title", "instructions"].some(wrong) ? sentence(error) : undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <form onSubmit={submit}>
      <TextField
        label="Name"
        required
        maxLength={80}
        autoComplete="off"
        placeholder="Writer"
        value={name}
        onChange={(event) => setName(event.target.value)}
        error={general}
      />
      <TextField
        label="Title"
        maxLength={120}
        autoComplete="off"
        placeholder="Copy and content"
        value={title}
        onChange={(event) => setTitle(event.target.value)}
        error={wrong("title")}
      />
      <TextArea
        label="Instructions"
        rows={6}
        maxLength={48_000}
        placeholder="What it is for, how it should work, what it must ask about."
        value={instructions}
        onChange={(event) => setInstructions(event.target.value)}
        error={wrong("instructions")}
      />
      <div className="btns dialog-foot">
        <Button kind="primary" type="submit" busy={create.isPending}>
          Make agent
        </Button>
        <Button kind="ghost" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
