/** Which skills a text names. Pure. */
import type { Skill } from "../../skills/skill-file.ts";

/** A skill that somebody named, as it stood when they did. */
export type NamedSkill = Pick<Skill, "name" | "body">;

/** `/name` as a word of its own; the mark that ends its sentence is not part of it, and `/a/path` is no name. */
const NAMED = /(?<!\S)\/([a-z0-9-]{1,64})(?=[.,;:!?]?(?:\s|$))/g;

/** The skills named in a text, each once, in the order of their first mention. A name that is none of `offered` is plain text. */
export function namedSkills(text: string, offered: readonly Skill[]): NamedSkill[] {
  const names = new Set(Array.from(text.matchAll(NAMED), ([, name]) => name));
  return [...names].flatMap((wanted) => {
    const skill = offered.find(({ name }) => name === wanted);
    return skill ? [{ name: skill.name, body: skill.body }] : [];
  });
}
