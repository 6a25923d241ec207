/**
 * The environment of a command: an allow-list, never a copy of ours.
 *
 * Variables of the run are not in the environment of the programs that set the sandbox up: those start as root, and a
 * variable such as LD_PRELOAD would run code of the workspace with their rights. They travel as one harmless text, which the
 * shell turns into variables after all rights are gone. So they are not on a command line either, where others could read them.
 */
import { TOOL_LIMITS } from "./limits.ts";
import { ToolRefusal } from "./refusal.ts";

/** Carries the run's variables to the shell that sets them, see `launch.ts`. */
export const PRELUDE_VARIABLE = "ATRIUM_TOOL_PRELUDE";

const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Refused by shells as read-only, or read by shells as the name of a script to run first. */
const SHELL_OWN = new Set(["BASHOPTS", "BASH_ENV", "ENV", "EUID", "PPID", "SHELLOPTS", "UID"]);

/** Set last, so that a run cannot change them: git neither runs hooks of a repository nor starts its file watcher. */
const INERT_GIT: Record<string, string> = {
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_COUNT: "2",
  GIT_CONFIG_KEY_0: "core.hooksPath",
  GIT_CONFIG_VALUE_0: "/dev/null",
  GIT_CONFIG_KEY_1: "core.fsmonitor",
  GIT_CONFIG_VALUE_1: "false",
  GIT_TERMINAL_PROMPT: "0",
};

/** What a command sees besides the run's variables. */
export interface Surroundings {
  /** private folder, gone with the command */
  home: string;
  tmp: string;
  /** folders with programs that come before the system's */
  programs: readonly string[];
}

/**
 * Environment to spawn with.
 * @param extra lets the caller mark processes of one call
 * @throws ToolRefusal when the variables are too long for the kernel
 */
export function spawnEnvironment(
  run: Record<string, string>,
  around: Surroundings,
  extra: Record<string, string> = {},
): Record<string, string> {
  const variables = {
    ...run,
    HOME: around.home,
    TMPDIR: around.tmp,
    PATH: [...around.programs, SYSTEM_PATH].join(":"),
    LANG: "C.UTF-8",
    TERM: "dumb",
    PAGER: "cat",
    ...INERT_GIT,
    ...extra,
  };
  const prelude = Object.entries(variables)
    .filter(([name, value]) => isSettable(name) && !value.includes("\0"))
    .map(([name, value]) => `export ${name}=${quote(value)}`)
    .join("\n");
  if (Buffer.byteLength(prelude) > TOOL_LIMITS.environmentBytes) {
    throw new ToolRefusal(
      "too_large",
      "The variables of this run are too long for a command. Remove some from the agent's environment.",
    );
  }
  return { PATH: SYSTEM_PATH, LANG: "C.UTF-8", [PRELUDE_VARIABLE]: prelude };
}

function isSettable(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !SHELL_OWN.has(name);
}

/** A word that a POSIX shell reads back as exactly this text. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
