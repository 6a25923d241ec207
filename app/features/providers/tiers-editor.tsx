import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { TIERS, type Tier } from "../../../party/protocol/model-choice.ts";
import { atLeast } from "../../../party/protocol/roles.ts";
import { Button, IconButton } from "../../components/button.tsx";
import { ApiError } from "../../lib/http.ts";
import { tierName } from "../../lib/model-name.ts";
import { sentence } from "../../lib/queries.ts";
import { useCompany } from "../shell/company-context.tsx";
import { OfferOptions } from "./model-select.tsx";
import { type Models, modelsQuery, providerApi, type TierLists } from "./provider-api.ts";
import { refreshModels } from "./use-test.ts";
import { offerWords, tierWords } from "./words.ts";

/** What the tiers mean: a model each, and those that stand in for it. */
export function TiersEditor() {
  const { company } = useCompany();
  const models = useQuery(modelsQuery(company.id));
  if (!models.data || models.data.models.length === 0) return null;
  return <Form models={models.data} />;
}

function Form({ models }: { models: Models }) {
  const { company, role } = useCompany();
  const client = useQueryClient();
  /** what the person changed, over the version they saw when they began */
  const [edit, setEdit] = useState<{ tiers: TierLists; version: number }>();
  const admin = atLeast(role, "admin");
  const save = useMutation({
    mutationFn: ({ tiers, version }: { tiers: TierLists; version: number }) => providerApi.saveTiers(company.id, tiers, version),
    onSuccess: () => setEdit(undefined),
    onSettled: () => refreshModels(client, company.id),
  });
  const shown = edit?.tiers ?? models.tiers;
  const stale = save.error instanceof ApiError && save.error.code === "stale";
  const set = (tier: Tier, list: string[]): void => {
    const tiers = { ...shown, [tier]: list.filter((choice) => choice !== "") };
    setEdit({ tiers, version: edit?.version ?? models.version });
  };
  const undo = (): void => {
    setEdit(undefined);
    save.reset();
  };
  return (
    <section aria-labelledby="tiers">
      <div className="sec-head">
        <h2 id="tiers">What agents get</h2>
      </div>
      <p className="help tiers-help">
        An agent has a tier or a model of its own. When the first model of a tier is overloaded, the next one answers.
      </p>
      <ul className="rows tiers">
        {TIERS.map((tier) => (
          <TierRow key={tier} tier={tier} list={shown[tier]} models={models} admin={admin} onChange={(list) => set(tier, list)} />
        ))}
      </ul>
      {save.isError && (
        <p className="help bad" role="alert">
          {stale ? "Somebody else changed the tiers meanwhile. Yours are still here." : sentence(save.error)}
        </p>
      )}
      {edit && (
        <div className="btns tiers-foot">
          {/* Once it was said that there are others, saving means to save over them. */}
          <Button
            kind="primary"
            busy={save.isPending}
            onClick={() => save.mutate(stale ? { ...edit, version: models.version } : edit)}
          >
            {stale ? "Save mine over theirs" : "Save the tiers"}
          </Button>
          <Button kind="ghost" onClick={undo}>
            {stale ? "Drop mine and load theirs" : "Undo"}
          </Button>
        </div>
      )}
    </section>
  );
}

interface RowProps {
  tier: Tier;
  list: readonly string[];
  models: Models;
  admin: boolean;
  onChange: (list: string[]) => void;
}

function TierRow({ tier, list, models, admin, onChange }: RowProps) {
  const name = tierName(tier);
  const first = models.models.find((model) => model.choice === list[0]);
  const unused = models.models.find((model) => !list.includes(model.choice));
  return (
    <li className="tier">
      <span className="who">
        <b>{name}</b>
        <span>{tierWords(tier)}</span>
      </span>
      <span className="tier-list">
        {(list.length > 0 ? list : [""]).map((choice, at) => (
          <span className="tier-model" key={choice}>
            <Choice
              label={at === 0 ? `Model for ${name}` : `Stand-in ${at} for ${name}`}
              choice={choice}
              models={models}
              admin={admin}
              onChange={(next) => onChange(list.length === 0 ? [next] : list.map((one, index) => (index === at ? next : one)))}
            />
            {admin && at > 0 && (
              <IconButton
                icon="x"
                label={`Take stand-in ${at} away from ${name}`}
                onClick={() => onChange(list.filter((_one, index) => index !== at))}
              />
            )}
          </span>
        ))}
        <span className="help">{first ? offerWords(first) : "Nothing chosen: the other tiers stand in."}</span>
        {admin && unused && list.length > 0 && (
          <button type="button" className="link" onClick={() => onChange([...list, unused.choice])}>
            Add a stand-in
          </button>
        )}
      </span>
    </li>
  );
}

function Choice({
  label,
  choice,
  models,
  admin,
  onChange,
}: {
  label: string;
  choice: string;
  models: Models;
  admin: boolean;
  onChange: (choice: string) => void;
}) {
  const isListed = choice === "" || models.models.some((model) => model.choice === choice);
  return (
    <select
      className="input"
      aria-label={label}
      value={choice}
      disabled={!admin}
      onChange={(event) => onChange(event.target.value)}
    >
      {choice === "" && <option value="">None</option>}
      {!isListed && <option value={choice}>{choice.slice(choice.indexOf("/") + 1)}</option>}
      <OfferOptions models={models.models} />
    </select>
  );
}
