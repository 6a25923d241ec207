import { agentIcon, initials, tintOf } from "../lib/identity.ts";
import { Icon } from "./icon.tsx";

export interface PersonRef {
  id: string;
  name: string;
}

type Size = "xs" | "sm" | "md" | "lg";

function sizeClass(size: Size): string {
  return size === "md" ? "" : ` ${size}`;
}

/** A person: round, with initials on a tint that is always theirs. `decorative` when the name stands beside it. */
export function Avatar({
  person,
  size = "md",
  presence,
  decorative = false,
}: {
  person: PersonRef;
  size?: Size;
  presence?: "on" | "away";
  decorative?: boolean;
}) {
  const label = decorative ? { "aria-hidden": true } : { role: "img", "aria-label": person.name };
  return (
    <span
      className={`av${sizeClass(size)}${presence ? ` ${presence}` : ""}`}
      data-tint={tintOf(person.id)}
      title={person.name}
      {...label}
    >
      {initials(person.name)}
    </span>
  );
}

/** An agent: square, always beside its name, so hidden from screen readers. */
export function AgentAvatar({ name, title = "", size = "md" }: { name: string; title?: string; size?: Size }) {
  return (
    <span className={`av agent${sizeClass(size)}`} title={name} aria-hidden="true">
      <Icon name={agentIcon(`${name} ${title}`)} />
    </span>
  );
}

/** Up to `max` people side by side, then "+n". */
export function Stack({ people, max = 3, small = false }: { people: readonly PersonRef[]; max?: number; small?: boolean }) {
  if (people.length === 0) return null;
  const shown = people.slice(0, max);
  const rest = people.length - shown.length;
  const names = shown.map((p) => p.name).join(", ");
  return (
    <span className={small ? "stack sm" : "stack"} role="img" aria-label={`Here: ${names}${rest > 0 ? `, ${rest} more` : ""}`}>
      {shown.map((person) => (
        <Avatar key={person.id} person={person} decorative />
      ))}
      {rest > 0 && (
        <span className="av more" aria-hidden="true">
          +{rest}
        </span>
      )}
    </span>
  );
}
