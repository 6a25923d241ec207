import { useId, useState } from "react";
import { RISKS, type Risk } from "../../../party/protocol/common.ts";
import { Button, IconButton } from "../../components/button.tsx";
import { SelectField } from "../../components/field.tsx";
import { type Draft, type Rule, withRule } from "./draft.ts";

type Tools = Draft["tools"];
type Profile = Tools["profile"];

const PROFILES: readonly { value: Profile; label: string }[] = [
  { value: "minimal", label: "Minimal: only talks" },
  { value: "basic", label: "Basic: looks, changes nothing" },
  { value: "coding", label: "Coding: works in its folder, asks before a command" },
  { value: "messaging", label: "Messaging: looks, asks before it says something outside" },
  { value: "outside", label: "Outside: serves strangers, asks for everything" },
  { value: "full", label: "Full: also reaches out, asks for money and destruction" },
];

const RISK_WORDS: Readonly<Record<Risk, string>> = {
  read: "Looking at something",
  write: "Changing its own files",
  outward: "Saying or sending something outside",
  spend: "Spending money",
  destroy: "Deleting for good",
  unknown: "What nobody can tell beforehand",
};

type Choice = Rule | "profile";
const CHOICES: readonly { value: Choice; label: string }[] = [
  { value: "profile", label: "As the profile says" },
  { value: "auto", label: "By itself" },
  { value: "ask", label: "Asks first" },
  { value: "deny", label: "Never" },
];
/** as the api takes names of tools */
const TOOL_NAME = /^[a-z][a-z0-9_.-]{0,98}$/;

/** Which tools an agent has and when it asks: a profile, and rules that count more. */
export function ToolRules({ tools, onChange }: { tools: Tools; onChange: (tools: Tools) => void }) {
  const rules = tools.rules ?? {};
  const risks = new Set<string>(RISKS);
  const ofTools = Object.keys(rules).filter((name) => !risks.has(name));
  const set = (name: string, choice: Choice): void => onChange(withRule(tools, name, choice === "profile" ? undefined : choice));
  return (
    <>
      <SelectField
        label="Profile"
        value={tools.profile}
        options={PROFILES}
        onChange={(profile) => onChange({ ...tools, profile })}
      />
      <h3 className="lab">Rules that count more than the profile</h3>
      <ul className="rows rules">
        {RISKS.map((risk) => (
          <li key={risk}>
            <span className="grow">{RISK_WORDS[risk]}</span>
            <RuleSelect label={RISK_WORDS[risk]} value={rules[risk]} onChange={(choice) => set(risk, choice)} />
          </li>
        ))}
        {ofTools.map((name) => (
          <li key={name}>
            <span className="grow">
              The tool <code>{name}</code>
            </span>
            <RuleSelect label={`The tool ${name}`} value={rules[name]} onChange={(choice) => set(name, choice)} />
            <IconButton icon="x" label={`Remove the rule for ${name}`} onClick={() => set(name, "profile")} />
          </li>
        ))}
      </ul>
      <AddRule known={rules} onAdd={(name) => set(name, "ask")} />
    </>
  );
}

function RuleSelect({ label, value, onChange }: { label: string; value: Rule | undefined; onChange: (choice: Choice) => void }) {
  return (
    <select
      className="input rule"
      aria-label={label}
      value={value ?? "profile"}
      onChange={(event) => {
        const chosen = CHOICES.find((one) => one.value === event.target.value);
        if (chosen) onChange(chosen.value);
      }}
    >
      {CHOICES.map((one) => (
        <option key={one.value} value={one.value}>
          {one.label}
        </option>
      ))}
    </select>
  );
}

function AddRule({ known, onAdd }: { known: Tools["rules"]; onAdd: (name: string) => void }) {
  const id = useId();
  const [name, setName] = useState("");
  const clean = name.trim();
  const why = !TOOL_NAME.test(clean)
    ? "Write the name of a tool, such as shell"
    : known && clean in known
      ? "There is a rule for it already"
      : undefined;
  const add = (): void => {
    onAdd(clean);
    setName("");
  };
  return (
    <div className="rule-add">
      <label className="vh" htmlFor={id}>
        Tool for a new rule
      </label>
      <input
        id={id}
        className="input"
        value={name}
        placeholder="shell"
        autoComplete="off"
        maxLength={99}
        onChange={(event) => setName(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          if (why === undefined) add();
        }}
      />
      <Button disabledBecause={why} onClick={add}>
        Add a rule for a tool
      </Button>
    </div>
  );
}
