/** What to spawn for a command: the pure part of running one. */
import { PRELUDE_VARIABLE } from "./environment.ts";
import { PROCESS_LIMITS, TOOL_LIMITS } from "./limits.ts";
import type { ToolUser } from "./tool-user.ts";

/** Arguments of spawn, and what to write into further descriptors of the child. */
export interface Launch {
  file: string;
  args: string[];
  /** folder to start in */
  cwd: string;
  /** content of the descriptors from {@link FIRST_INPUT} on */
  inputs: Buffer[];
}

/** A descriptor whose other end only the runner holds: it closes when the runner dies, however it dies. */
export const LIFELINE = 3;

/** Number of the first descriptor in {@link Launch.inputs}, after stdin, stdout, stderr and the lifeline. */
export const FIRST_INPUT = 4;

/**
 * Becomes the command given as its arguments, with the run's variables. A watcher stays behind that kills the group when the
 * lifeline closes; it is forked twice, so that it is no child a program could wait for.
 */
const BECOME_COMMAND = [
  // Descriptors that whoever started us left open are nobody's business here: a lock of the data folder, a log.
  `for fd in /proc/self/fd/*; do fd=\${fd##*/}; (( fd > ${LIFELINE} )) && exec {fd}>&-; done`,
  `( ( read -r _ <&${LIFELINE}; kill -KILL 0 ) </dev/null >/dev/null 2>&1 & )`,
  `exec ${LIFELINE}<&-`,
  `eval "$${PRELUDE_VARIABLE}"`,
  `unset ${PRELUDE_VARIABLE}`,
].join("; ");

/**
 * Last in the chain: everything before it ran programs of the system only.
 * @param folder to go to first: one that only the command's user may enter
 */
export function commandArgs(command: readonly string[], folder?: string): string[] {
  const go = folder === undefined ? "" : `cd ${folder} || exit; `;
  return ["bash", "--noprofile", "--norc", "-c", `${BECOME_COMMAND}; ${go}exec "$@"`, "atrium", ...command];
}

/** The program in front of everything, with {@link YIELD_ARGS}. */
export const FIRST_PROGRAM = "nice";

/** Commands yield to rooms, api and runner, and go first when memory runs out. */
export const YIELD_ARGS: readonly string[] = [
  ...["-n", String(PROCESS_LIMITS.niceness)],
  ...["choom", "-n", String(PROCESS_LIMITS.oomScore), "--"],
];

/**
 * Sets the limits of the process and of all it starts. Comes after the change of user, whose processes are what is counted.
 * @param others processes that the user has already, which count too
 */
export function limitArgs(others = 0): string[] {
  return [
    "prlimit",
    `--nproc=${PROCESS_LIMITS.processes + others}`,
    `--fsize=${PROCESS_LIMITS.fileBytes}`,
    `--data=${PROCESS_LIMITS.dataBytes}`,
    `--cpu=${PROCESS_LIMITS.cpuSeconds}`,
    `--nofile=${PROCESS_LIMITS.openFiles}`,
    "--core=0",
  ];
}

/** Gives up every right for good, and becomes the workspace's user where there is one. */
export function dropRightsArgs(user: ToolUser | undefined): string[] {
  if (user === undefined) return ["setpriv", "--no-new-privs"];
  const ids = ["--reuid", String(user.uid), "--regid", String(user.gid), "--clear-groups"];
  return ["setpriv", ...ids, "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"];
}

/** True when the kernel takes the command as one argument. */
export function fitsOneArgument(command: string): boolean {
  return Buffer.byteLength(command) <= TOOL_LIMITS.commandBytes;
}
