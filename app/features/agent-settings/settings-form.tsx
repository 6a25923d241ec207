import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../../components/button.tsx";
import { SelectField, TextArea, TextField } from "../../components/field.tsx";
import { Note } from "../../components/states.tsx";
import { toast } from "../../components/toast.tsx";
import { ApiError } from "../../lib/http.ts";
import { sentence } from "../../lib/queries.ts";
import { ModelSelect } from "../providers/model-select.tsx";
import { modelsQuery } from "../providers/provider-api.ts";
import { refreshModels } from "../providers/use-test.ts";
import { useCompany } from "../shell/company-context.tsx";
import { type AgentRecord, agentApi, agentQuery } from "./agent-api.ts";
import { changesOf, type Draft, draftOf } from "./draft.ts";
import { ToolRules } from "./tool-rules.tsx";

const MOST_RUNS = 10;
const FIELDS = ["name", "title", "model", "instructions"] as const;

/**
 * The configuration of an agent. `agent` is the record the person began with: when somebody else saves meanwhile, the draft
 * stays, and the person decides.
 */
export function SettingsForm({ agent, admin }: { agent: AgentRecord; admin: boolean }) {
  const { company } = useCompany();
  const client = useQueryClient();
  const models = useQuery(modelsQuery(company.id));
  const [base, setBase] = useState(agent);
  const [draft, setDraft] = useState<Draft>(() => draftOf(agent));
  const save = useMutation({
    mutationFn: (version: number) => agentApi.change(company.id, agent.id, { ...changesOf(draft, draftOf(base)), version }),
    onSuccess: (saved) => {
      take(saved);
      // Who uses a provider is counted by the agents' models.
      refreshModels(client, company.id);
      toast("done", `${saved.name} is saved. It counts from the next run on.`);
    },
  });
  /** Begins anew from a record; nothing of the draft is left. */
  const take = (record: AgentRecord): void => {
    client.setQueryData(agentQuery(company.id, agent.id).queryKey, record);
    setBase(record);
    setDraft(draftOf(record));
  };
  const { error } = save;
  const stale = error instanceof ApiError && error.code === "stale";
  const wrong = (field: string): string | undefined =>
    error instanceof ApiError && error.field === field ? error.message : undefined;
  const general = error && !stale && !FIELDS.some(wrong) ? sentence(error) : undefined;
  const set = (change: Partial<Draft>): void => setDraft({ ...draft, ...change });
  const changed = Object.keys(changesOf(draft, draftOf(base))).length > 0;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate(base.version);
  };
  return (
    <form onSubmit={submit} className="agent-form">
      <fieldset disabled={!admin}>
        <TextField
          label="Name"
          required
          maxLength={80}
          autoComplete="off"
          value={draft.name}
          onChange={(event) => set({ name: event.target.value })}
          error={wrong("name")}
        />
        <TextField
          label="Title"
          maxLength={120}
          autoComplete="off"
          value={draft.title}
          onChange={(event) => set({ title: event.target.value })}
          error={wrong("title")}
        />
        {models.data && (
          <ModelSelect
            value={draft.model}
            models={models.data}
            disabled={!admin}
            onChange={(model) => set({ model })}
            error={wrong("model")}
          />
        )}
        <TextArea
          label="Instructions"
          rows={10}
          maxLength={48_000}
          value={draft.instructions}
          onChange={(event) => set({ instructions: event.target.value })}
          error={wrong("instructions")}
        />
        <ToolRules tools={draft.tools} onChange={(tools) => set({ tools })} />
        <SelectField
          label="Runs at the same time"
          help="More than one work side by side in the same folder."
          value={String(draft.maxConcurrentRuns)}
          options={Array.from({ length: MOST_RUNS }, (_one, at) => ({ value: String(at + 1), label: String(at + 1) }))}
          onChange={(count) => set({ maxConcurrentRuns: Number(count) })}
        />
      </fieldset>
      {stale && <Stale error={error} agent={agent.id} onTake={take} onOverwrite={(version) => save.mutate(version)} />}
      {general && (
        <p className="help bad" role="alert">
          {general}
        </p>
      )}
      {admin && !stale && (
        <div className="btns agent-form-foot">
          <Button
            kind="primary"
            type="submit"
            busy={save.isPending}
            disabledBecause={changed ? undefined : "Nothing has changed"}
          >
            Save
          </Button>
          {changed && (
            <Button kind="ghost" onClick={() => setDraft(draftOf(base))}>
              Undo
            </Button>
          )}
        </div>
      )}
    </form>
  );
}

/** Somebody else saved first. What this person wrote stays until they choose. */
function Stale({
  error,
  agent,
  onTake,
  onOverwrite,
}: {
  error: ApiError;
  agent: string;
  onTake: (record: AgentRecord) => void;
  onOverwrite: (version: number) => void;
}) {
  const { company } = useCompany();
  const read = useMutation({
    mutationFn: () => agentApi.get(company.id, agent),
    onError: (failed) => toast("fail", sentence(failed)),
  });
  const current = (then: (record: AgentRecord) => void): void => read.mutate(undefined, { onSuccess: then });
  return (
    <Note
      kind="fail"
      icon="warn"
      title="Somebody else saved first"
      action={
        <>
          <Button busy={read.isPending} onClick={() => current((record) => onOverwrite(record.version))}>
            Save mine over it
          </Button>
          <Button kind="ghost" onClick={() => current(onTake)}>
            Drop mine and load theirs
          </Button>
        </>
      }
    >
      {error.message} What you wrote is still here.
    </Note>
  );
}
