/** Holds a process still for a moment. */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { birthOf } from "../launcher/kill.ts";
import { BackupError } from "./errors.ts";

/** ms every thread of a process may take to stop */
const STOPPED_WITHIN_MS = 1_000;

/** A process, and when it was born: another one may get its id. */
export type FrozenProcess = { pid: number; born: string };

/**
 * Runs `work` while no thread of the process does anything. Whatever happens, the process goes on afterwards; when this program
 * is killed meanwhile, the launcher finds the process silent and starts it again.
 * @throws {BackupError} when this user may not stop it, or it is gone
 */
export async function whileFrozen<T>({ pid, born }: FrozenProcess, work: () => T): Promise<T> {
  if (birthOf(pid) !== born) throw new BackupError("The rooms were being started again. Try once more.");
  signal(pid, "SIGSTOP");
  try {
    await untilStopped(pid);
    return work();
  } finally {
    signal(pid, "SIGCONT");
  }
}

async function untilStopped(pid: number): Promise<void> {
  const deadline = performance.now() + STOPPED_WITHIN_MS;
  while (!threadsOf(pid).every((state) => state === "T")) {
    if (performance.now() > deadline) throw new BackupError("The rooms could not be held still. Try once more.");
    await sleep(1);
  }
}

/** The state of each thread, as the kernel abbreviates it. */
function threadsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) => {
    try {
      const stat = readFileSync(`/proc/${pid}/task/${task}/stat`, "utf8");
      return [stat.charAt(stat.lastIndexOf(")") + 2)];
    } catch {
      return []; // ended meanwhile
    }
  });
}

function signal(pid: number, name: "SIGSTOP" | "SIGCONT"): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    const denied = error instanceof Error && "code" in error && error.code === "EPERM";
    if (denied) throw new BackupError("This user may not touch the processes of Atrium. Run it as the user that runs Atrium.");
    if (name === "SIGSTOP") throw new BackupError("The rooms were being started again. Try once more.");
  }
}
