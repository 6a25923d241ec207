import { type FormEvent, useEffect, useRef, useState } from "react";
import { Button } from "../../components/button.tsx";
import { TextArea } from "../../components/field.tsx";
import { hasHidden } from "../../lib/visible-text.ts";

type Field = { name: string; text: string; kind: "text" | "json" };

/** rows of a field at most; longer texts scroll */
const MOST_ROWS = 14;

/** The arguments as fields: texts as they are, anything else as JSON; one field of JSON where they are no object. */
function fieldsOf(input: string): Field[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(input);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.entries(value).map(([name, one]) =>
    typeof one === "string" ? { name, text: one, kind: "text" } : { name, text: JSON.stringify(one, undefined, 2), kind: "json" },
  );
}

/** Other arguments in place of the agent's. @param input the call's own, in full, as JSON */
export function EditCall({
  input,
  agentName,
  busy,
  onBack,
  onSave,
}: {
  input: string;
  agentName: string;
  busy: boolean;
  onBack: () => void;
  onSave: (input: string) => void;
}) {
  const [fields, setFields] = useState(() => fieldsOf(input) ?? [{ name: "", text: input, kind: "json" as const }]);
  const [wrong, setWrong] = useState<string>();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector("textarea")?.focus(), []);
  const change = (name: string, text: string): void => {
    setWrong(undefined);
    setFields((all) => all.map((field) => (field.name === name ? { ...field, text } : field)));
  };
  const save = (event: FormEvent): void => {
    event.preventDefault();
    const bad = fields.find((field) => field.kind === "json" && !isJson(field.text));
    if (bad) {
      setWrong(bad.name);
      return;
    }
    const next = assemble(fields);
    if (next === assemble(fieldsOf(input) ?? [{ name: "", text: input, kind: "json" }])) setWrong(UNCHANGED);
    else onSave(next);
  };
  return (
    <form
      ref={form}
      className="edit-call"
      aria-label="Change the call"
      onSubmit={save}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onBack();
      }}
    >
      {fields.map((field) => (
        <TextArea
          key={field.name}
          label={field.name || "Arguments, as JSON"}
          value={field.text}
          rows={Math.min(MOST_ROWS, field.text.split("\n").length + 1)}
          spellCheck={false}
          onChange={(event) => change(field.name, event.target.value)}
          error={wrong === field.name ? "This is not JSON. Check quotes, commas and brackets." : undefined}
          help={hasHidden(field.text) ? "It holds characters that draw nothing." : undefined}
        />
      ))}
      {wrong === UNCHANGED && (
        <p className="help bad" role="alert">
          Nothing is changed. Allow it as it is, or change something.
        </p>
      )}
      <p className="help">{agentName} is told that you changed it, and goes on from what really ran. Everyone sees both.</p>
      <div className="btns">
        <Button kind="primary" type="submit" busy={busy}>
          Allow the changed call
        </Button>
        <Button kind="ghost" onClick={onBack}>
          Back
        </Button>
      </div>
    </form>
  );
}

/** No argument is called so. */
const UNCHANGED = "\0unchanged";

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Fields back to JSON. */
function assemble(fields: readonly Field[]): string {
  const [only] = fields;
  if (fields.length === 1 && only?.name === "") return JSON.stringify(JSON.parse(only.text));
  return JSON.stringify(
    Object.fromEntries(fields.map(({ name, text, kind }) => [name, kind === "json" ? JSON.parse(text) : text])),
  );
}
