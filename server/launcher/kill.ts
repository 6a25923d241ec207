/** Ways to end processes for good. */
import { readdirSync, readFileSync } from "node:fs";

/** Variable that marks a runner and everything it started. */
export const RUNNER_MARK = "ATRIUM_RUNNER_ID";

/** Kills a process and its whole group at once. Nothing to kill is fine. */
export function killGroup(pid: number): void {
  signal(-pid);
}

/**
 * Kills every process that a runner started, also those in groups of their own: they carry its id somewhere in the
 * environment they were started with (as this variable, or inside the mark of a tool call). The runner itself must be
 * dead, so that it starts no more. Does nothing without /proc.
 */
export function killMarked(runnerId: string): void {
  // Twice, because a process can fork between being read and being killed.
  for (let round = 0; round < 2; round++) {
    for (const pid of processIds()) if (environmentOf(pid).includes(runnerId)) signal(pid);
  }
}

function signal(target: number): void {
  try {
    process.kill(target, "SIGKILL");
  } catch {
    // Gone already.
  }
}

function processIds(): number[] {
  try {
    return readdirSync("/proc")
      .map(Number)
      .filter((pid) => pid > 1 && pid !== process.pid);
  } catch {
    return [];
  }
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    // Another user's process, or gone.
    return "";
  }
}

/** Boot and clock tick at which a process started: two processes with one id differ in it. Undefined when none runs, or without /proc. */
export function birthOf(pid: number): string | undefined {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    // Field 22 of the line, counted behind the name, which may itself contain blanks and brackets.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : `${boot}/${fields[19]}`;
  } catch {
    return undefined;
  }
}
