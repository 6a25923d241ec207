/**
 * What a wake asks for, as rows of a run's journal: the prompt, and beside it what goes with it. Two rows, so that a room can
 * put another text in the place of a prompt without reading what it kept.
 */
import { type JournalEntry, journalEntry, type Prompt, prompt } from "../protocol/internal.ts";

/** Rows that only a room writes; the others are its runner's own. */
const KIND = { prompt: "prompt", context: "prompt.context", withdrawn: "prompt.withdrawn" } as const;

const context = prompt.pick({ attachments: true, history: true });

/** The rows of a prompt, the text first. */
export function promptRows({ attachments, history, ...asked }: Prompt): JournalEntry[] {
  const rows: JournalEntry[] = [{ kind: KIND.prompt, data: asked }];
  if (attachments || history) rows.push({ kind: KIND.context, data: { attachments, history } });
  return rows;
}

/** Takes the place of a prompt's text that was taken back. */
export const WITHDRAWN: JournalEntry = { kind: KIND.withdrawn, data: null };

/** A journal's rows, oldest first, as a runner gets them: the prompts made whole, and its own entries as they are. */
export function readPrompts(rows: readonly unknown[]): { prompts: Prompt[]; entries: JournalEntry[] } {
  const prompts: Prompt[] = [];
  const entries: JournalEntry[] = [];
  /** the prompt that a row of context belongs to: the one right before it */
  let newest: Prompt | undefined;
  for (const row of rows) {
    const entry = journalEntry.parse(row);
    if (entry.kind === KIND.prompt) {
      newest = prompt.parse(entry.data);
      prompts.push(newest);
    } else if (entry.kind === KIND.context) {
      if (newest) Object.assign(newest, context.parse(entry.data));
    } else {
      newest = undefined;
      if (entry.kind !== KIND.withdrawn) entries.push(entry);
    }
  }
  return { prompts, entries };
}
