/**
 * How a SKILL.md reads: two lines about it between `---` lines, then its body. Pure and without imports, because the app
 * and the runner read the same files. Reading a skill gives text; nothing in it is executed.
 */

/** Inert text. A person names a skill as `/name` in what they ask. */
export type Skill = {
  name: string;
  /** one line: what it is for */
  description: string;
  body: string;
};

/** `why` goes on a sentence that has named the file. */
export type ReadSkill = { ok: true; skill: Skill } | { ok: false; why: string };

const NAME = /^[a-z0-9-]{1,64}$/;
/** characters; the limit of the Agent Skills format, whose folders these are */
const MAX_DESCRIPTION_CHARS = 1_024;
const FENCE = "---";
const FIELDS: readonly string[] = ["name", "description"];
/** What YAML would not read as the text that stands there: an indicator in front, a mapping, a comment, an empty value. */
const NOT_PLAIN = /^[-?:,[\]{}#&*!|>'"%@`]|:(\s|$)|\s#|^$/;
const CONTROL = /\p{Cc}/u;

/** The skill in a SKILL.md. @param folder name of the folder it stands in, which is the skill's name */
export function readSkill(folder: string, text: string): ReadSkill {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  const end = lines.indexOf(FENCE, 1);
  if (lines[0] !== FENCE || end < 0) return broken(`it must begin with lines about it between two lines "${FENCE}"`);

  const fields = new Map<string, string>();
  for (const [index, line] of lines.slice(1, end).entries()) {
    const [, key = "", raw = ""] = /^([a-z]+):(?: (.*))?$/.exec(line) ?? [];
    const where = `line ${index + 2}`;
    if (!FIELDS.includes(key)) return broken(`${where} is not "name: …" or "description: …"`);
    if (fields.has(key)) return broken(`${where} says "${key}" a second time`);
    const value = readValue(raw.trim());
    if (value === undefined) return broken(`the value in ${where} must be plain text, or stand in double quotes`);
    fields.set(key, value);
  }

  const name = fields.get("name") ?? "";
  const description = fields.get("description") ?? "";
  const body = lines
    .slice(end + 1)
    .join("\n")
    .trim();
  if (!NAME.test(name)) return broken("its name must be 1 to 64 of a-z, 0-9 and -");
  if (name !== folder) return broken(`its name "${name}" must be that of its folder`);
  if (description.trim() === "" || description.length > MAX_DESCRIPTION_CHARS || CONTROL.test(description)) {
    return broken(`its description must be one line of 1 to ${MAX_DESCRIPTION_CHARS} characters`);
  }
  if (body === "") return broken("it has no body");
  return { ok: true, skill: { name, description, body } };
}

function broken(why: string): ReadSkill {
  return { ok: false, why };
}

/** A plain value, or one in double quotes with JSON's escapes. */
function readValue(raw: string): string | undefined {
  if (!raw.startsWith('"')) return NOT_PLAIN.test(raw) ? undefined : raw;
  try {
    const value: unknown = JSON.parse(raw);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
