/**
 * Running a command where no sandbox exists: limits and, under root, another user; but the network is open and files that
 * user may read are readable. Consent is asked every time because of that.
 */
import { readdir, readFile, stat } from "node:fs/promises";
import { commandArgs, dropRightsArgs, FIRST_PROGRAM, type Launch, limitArgs, YIELD_ARGS } from "./launch.ts";
import { errnoOf } from "./refusal.ts";
import type { ToolUser } from "./tool-user.ts";

/** Marks the processes of one call, so that one which left its group is still found. */
export const CALL_MARK = "ATRIUM_TOOL_CALL";

/** Rounds of looking for marked processes: one may fork while the others are being killed. */
const SWEEPS = 20;

export async function bareLaunch(workspace: string, user: ToolUser | undefined, command: readonly string[]): Promise<Launch> {
  const others = user === undefined ? await ownThreads() : 0;
  const args = [...YIELD_ARGS, ...dropRightsArgs(user), ...limitArgs(others), ...commandArgs(command)];
  return { file: FIRST_PROGRAM, args, cwd: workspace, inputs: [] };
}

/** Threads of the user we run as: on a desktop hundreds, beside which a command must still have room. */
async function ownThreads(): Promise<number> {
  const uid = process.geteuid?.();
  const counts = await Promise.all(
    (await processIds()).map(async (pid) => {
      try {
        return (await stat(`/proc/${pid}`)).uid === uid ? (await readdir(`/proc/${pid}/task`)).length : 0;
      } catch {
        return 0; // ended meanwhile
      }
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

async function processIds(): Promise<string[]> {
  return (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
}

/**
 * Ends what a command left running: its group, and processes that left the group but still carry the mark of the call.
 * One that left the group and wiped its own environment is not found.
 */
export async function sweep(group: number, mark: string): Promise<void> {
  killGroup(group);
  const needle = Buffer.from(`${CALL_MARK}=${mark}\0`);
  for (let round = 0; round < SWEEPS; round++) {
    const found = await markedProcesses(needle);
    if (found.length === 0) return;
    for (const pid of found) kill(pid);
  }
}

async function markedProcesses(needle: Buffer): Promise<number[]> {
  const marked = await Promise.all(
    (await processIds()).map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`).catch(() => undefined); // ended meanwhile, or not ours
      return environment?.includes(needle) ? Number(pid) : undefined;
    }),
  );
  return marked.filter((pid) => pid !== undefined);
}

/** Kills a process group; one that has ended already is what was wanted. */
export function killGroup(leader: number): void {
  kill(-leader);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (errnoOf(error) !== "ESRCH") throw error;
  }
}
