import type { PresenceEntry } from "../../../party/protocol/frames.ts";
import { Avatar } from "../../components/avatar.tsx";
import { firstName } from "../../lib/identity.ts";

/** Who is here and what they do, oneself first. */
export function HereNow({
  people,
  me,
  words,
}: {
  people: readonly PresenceEntry[];
  me: string;
  words: (person: PresenceEntry) => string;
}) {
  const sorted = people.toSorted((a, b) => Number(b.id === me) - Number(a.id === me) || a.name.localeCompare(b.name));
  return (
    <ul className="people">
      {sorted.map((person) => (
        <li key={person.id}>
          <Avatar person={person} size="sm" presence="on" decorative />
          <b>{firstName(person.name)}</b>
          <span>
            {person.id === me && "you, "}
            {words(person)}
          </span>
        </li>
      ))}
    </ul>
  );
}
