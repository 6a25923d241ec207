import type { ReactNode } from "react";
import { AgentAvatar, Avatar } from "../../components/avatar.tsx";
import { byName } from "../floor/roster.ts";
import { useCompany } from "../shell/company-context.tsx";

export interface Choice {
  id: string;
  name: string;
  detail: string;
  picture: ReactNode;
}

/** Several of a list, by checkbox. */
export function PickList({
  legend,
  choices,
  chosen,
  fixed,
  note,
  onToggle,
}: {
  legend: string;
  choices: readonly Choice[];
  chosen: readonly string[];
  /** one that cannot be left out */
  fixed?: string | undefined;
  /** what is said beside the first chosen one */
  note?: string | undefined;
  onToggle: (id: string) => void;
}) {
  return (
    <fieldset className="pick">
      <legend className="lab">{legend}</legend>
      {choices.map(({ id, name, detail, picture }) => (
        <label key={id} className="pick-row">
          <input
            type="checkbox"
            checked={id === fixed || chosen.includes(id)}
            disabled={id === fixed}
            onChange={() => onToggle(id)}
          />
          {picture}
          <span className="grow">
            <b>{name}</b>
            <span className="dim">{detail}</span>
          </span>
          {note && chosen[0] === id && <span className="dim">{note}</span>}
        </label>
      ))}
    </fieldset>
  );
}

/** Agents that can take part in a conversation. */
export function useAgentChoices(): Choice[] {
  const { state } = useCompany();
  return Object.values(state?.roster ?? {})
    .filter((entry) => entry.status !== "retired")
    .sort(byName)
    .map(({ agent, name, title }) => ({
      id: agent,
      name,
      detail: title,
      picture: <AgentAvatar name={name} title={title} size="sm" />,
    }));
}

/** People of the company, oneself first. */
export function usePeopleChoices(): Choice[] {
  const { state, me } = useCompany();
  return Object.values(state?.members ?? {})
    .toSorted((a, b) => Number(b.id === me.id) - Number(a.id === me.id) || a.name.localeCompare(b.name))
    .map(({ id, name, role }) => ({
      id,
      name,
      detail: id === me.id ? "you" : role,
      picture: <Avatar person={{ id, name }} size="sm" decorative />,
    }));
}

/** A list without or with one more of its kind. */
export function toggled(list: readonly string[], id: string): string[] {
  return list.includes(id) ? list.filter((one) => one !== id) : [...list, id];
}
