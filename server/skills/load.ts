/**
 * Reads a folder of skills: `<name>/SKILL.md`. Skills are inert data, so this reads and checks text and does nothing with
 * it. What cannot be read is left out with a line that names it: a broken skill must not stop a run.
 */
import { constants } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { readSkill, type Skill } from "../../skills/skill-file.ts";

/** bytes of a SKILL.md: the whole of a named skill is read by the model and kept in the run's journal */
export const MAX_SKILL_BYTES = 64 * 1024;

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/**
 * The skills in a folder, by name. Files beside the skills' folders are none of its business.
 * @param folder absolute path
 * @param log takes one line about each skill that is left out; does not reject
 */
export async function loadSkills(folder: string, log: (line: string) => void = console.error): Promise<Skill[]> {
  const names = await foldersIn(folder).catch((error: unknown) => {
    log(`no skills are offered, because ${folder} cannot be read: ${reasonOf(error)}`);
    return [];
  });
  const skills: Skill[] = [];
  for (const name of names) {
    const path = join(folder, name, "SKILL.md");
    try {
      const read = readSkill(name, await readBounded(path));
      if (read.ok) skills.push(read.skill);
      else log(`the skill ${path} is left out: ${read.why}`);
    } catch (error) {
      log(`the skill ${path} is left out: ${reasonOf(error)}`);
    }
  }
  return skills;
}

/** In the order of their code units, which is the same on every machine. */
async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** @throws when it is no regular file, too large, or not UTF-8 */
async function readBounded(path: string): Promise<string> {
  // A link could lead out of the folder, and opening a pipe would wait for its writer.
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new Error("it is not a regular file");
    if (stats.size > MAX_SKILL_BYTES) throw new Error(`it has ${stats.size} bytes and may have ${MAX_SKILL_BYTES}`);
    return new TextDecoder("utf-8", { fatal: true }).decode(await file.readFile());
  } finally {
    await file.close();
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
