/** What a command of the command line is. */

/** Where a command runs and how it speaks. */
export interface Terminal {
  /** absolute path of the project */
  root: string;
  env: NodeJS.ProcessEnv;
  /** one line of the answer */
  say(line: string): void;
  /** one line that is not the answer: progress, warnings, refusals */
  warn(line: string): void;
}

export interface Command {
  /** one or two words */
  name: string;
  /** its arguments, as the help shows them */
  usage: string;
  /** one sentence */
  about: string;
  /** loads the code behind it: a command pays only for itself */
  load(): Promise<Run>;
}

/**
 * Carries a command out.
 * @returns the exit code: 0 done, 1 it found a problem
 * @throws {CliError} with a sentence, {UsageError} when its arguments are wrong
 */
export type Run = (args: string[], terminal: Terminal) => Promise<number>;

/** Nothing can be done, for a reason a person understands. Exit code 1. */
export class CliError extends Error {
  override name = "CliError";
}

/** The arguments are wrong. Exit code 2, with the usage. */
export class UsageError extends Error {
  override name = "UsageError";
}

export const EXIT = { done: 0, problem: 1, usage: 2 } as const;
