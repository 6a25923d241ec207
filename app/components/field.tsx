import { type ComponentProps, useId } from "react";

interface Common {
  label: string;
  help?: React.ReactNode;
  /** what is wrong with the value, said beside the field */
  error?: string | undefined;
}

function Described({ id, label, help, error, children }: Common & { id: string; children: React.ReactNode }) {
  return (
    <div className="lab-group">
      <label className="lab" htmlFor={id}>
        {label}
      </label>
      {children}
      {error ? (
        <p className="help bad" id={`${id}-note`} role="alert">
          {error}
        </p>
      ) : (
        help && (
          <p className="help" id={`${id}-note`}>
            {help}
          </p>
        )
      )}
    </div>
  );
}

/** One line of text with its label, its help and its error. */
export function TextField({ label, help, error, ...input }: Common & ComponentProps<"input">) {
  const id = useId();
  return (
    <Described id={id} label={label} help={help} error={error}>
      <input
        {...input}
        id={id}
        className="input"
        aria-invalid={error !== undefined || undefined}
        aria-describedby={help || error ? `${id}-note` : undefined}
      />
    </Described>
  );
}

/** Several lines of text. */
export function TextArea({ label, help, error, ...input }: Common & ComponentProps<"textarea">) {
  const id = useId();
  return (
    <Described id={id} label={label} help={help} error={error}>
      <textarea
        {...input}
        id={id}
        className="input area"
        aria-invalid={error !== undefined || undefined}
        aria-describedby={help || error ? `${id}-note` : undefined}
      />
    </Described>
  );
}

/** A choice from a short list, by the platform's own control: it is right on every phone. */
export function SelectField<T extends string>({
  label,
  help,
  error,
  value,
  options,
  onChange,
}: Common & { value: T; options: readonly { value: T; label: string }[]; onChange: (value: T) => void }) {
  const id = useId();
  return (
    <Described id={id} label={label} help={help} error={error}>
      <select
        id={id}
        className="input"
        value={value}
        onChange={(event) => {
          const chosen = options.find((option) => option.value === event.target.value);
          if (chosen) onChange(chosen.value);
        }}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </Described>
  );
}
