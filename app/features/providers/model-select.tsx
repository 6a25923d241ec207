import { useId } from "react";
import { TIERS } from "../../../party/protocol/model-choice.ts";
import type { Models, OfferedModel } from "./provider-api.ts";
import { byProvider, choiceMeaning, offerWords, tierOption } from "./words.ts";

/** Models on offer as options, by provider. The platform's own control: it is right on every phone. */
export function OfferOptions({ models }: { models: readonly OfferedModel[] }) {
  return byProvider(models).map((group) => (
    <optgroup key={group.id} label={group.name}>
      {group.models.map((model) => (
        <option key={model.choice} value={model.choice} title={offerWords(model)}>
          {model.label}
        </option>
      ))}
    </optgroup>
  ));
}

/** Chooses what answers for an agent: a tier, one model, or the rehearsal. */
export function ModelSelect({
  value,
  models,
  error,
  disabled,
  onChange,
}: {
  value: string;
  models: Models;
  error: string | undefined;
  disabled: boolean;
  onChange: (choice: string) => void;
}) {
  const id = useId();
  const isKnown =
    TIERS.some((tier) => tier === value) || value === "rehearsal" || models.models.some((one) => one.choice === value);
  return (
    <div className="lab-group">
      <label className="lab" htmlFor={id}>
        Model
      </label>
      <select
        id={id}
        className="input"
        value={value}
        disabled={disabled}
        aria-invalid={error !== undefined || undefined}
        aria-describedby={`${id}-note`}
        onChange={(event) => onChange(event.target.value)}
      >
        <optgroup label="By what it is for">
          {TIERS.map((tier) => (
            <option key={tier} value={tier}>
              {tierOption(tier)}
            </option>
          ))}
        </optgroup>
        <OfferOptions models={models.models} />
        <optgroup label="Without a provider">
          <option value="rehearsal">Rehearsal: a script</option>
        </optgroup>
        {!isKnown && <option value={value}>{value.slice(value.indexOf("/") + 1)}</option>}
      </select>
      {error ? (
        <p className="help bad" id={`${id}-note`} role="alert">
          {error}
        </p>
      ) : (
        <p className="help" id={`${id}-note`}>
          {choiceMeaning(value, models)}
        </p>
      )}
    </div>
  );
}
