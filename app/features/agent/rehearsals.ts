/**
 * Rehearsals, one click away: bundled skills that the rehearsal model plays with the real tools, so they show the real
 * thing. Their folders are the one copy; what is said of them here is put in when the app is built.
 */
import { readSkill } from "../../../skills/skill-file.ts";

export interface Rehearsal {
  /** name of the skill */
  skill: string;
  /** what a person presses */
  title: string;
  /** what a person will see */
  shows: string;
  /** what the agent is asked: the first line gives the run its title */
  prompt: string;
}

/** In the order they are offered, with the words in which a person would ask for such work. */
const ASKED = [
  { skill: "rehearse-consent", request: "Look into the workspace" },
  { skill: "rehearse-a-file", request: "Write the launch notes" },
  { skill: "rehearse-a-question", request: "Settle the tone of the page" },
  { skill: "rehearse-a-long-answer", request: "Think for a minute" },
] as const;

const FILES = import.meta.glob<string>("../../../skills/rehearse-*/SKILL.md", { query: "?raw", import: "default", eager: true });

/** A skill that cannot be read is not offered here either. */
export const REHEARSALS: readonly Rehearsal[] = ASKED.flatMap(({ skill, request }) => {
  const read = readSkill(skill, FILES[`../../../skills/${skill}/SKILL.md`] ?? "");
  if (!read.ok) return [];
  const { description, body } = read.skill;
  return [{ skill, title: headingOf(body) ?? request, shows: description, prompt: `${request}\n/${skill}` }];
});

function headingOf(body: string): string | undefined {
  return /^# (.+)$/m.exec(body)?.[1];
}
