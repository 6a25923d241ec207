/** What /proc tells of processes. Linux only, as the fault tests and the benchmarks are. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** The command line with spaces; undefined when there is no such process. A zombie has an empty one. */
export function commandLine(pid: number): string | undefined {
  return read(`/proc/${pid}/cmdline`)?.replaceAll("\0", " ").trim();
}

/** True while a process runs; a zombie does not. */
export function isAlive(pid: number): boolean {
  return Boolean(commandLine(pid));
}

/** Every process that names `text` in its command line, its environment or its folder, as `pid command`. */
export function processesNaming(text: string): string[] {
  return readdirSync("/proc").flatMap((entry) => {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    const line = commandLine(pid);
    if (!line) return [];
    const about = [line, read(`/proc/${pid}/environ`), folderOf(pid)];
    return about.some((where) => where?.includes(text)) ? [`${pid} ${line}`] : [];
  });
}

/** CPU time a process has used so far, in ms: the sum over its threads, in ns in the source. */
export function cpuMs(pid: number): number {
  let sum = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    sum += Number(read(`/proc/${pid}/task/${thread}/schedstat`)?.split(" ")[0] ?? 0);
  }
  return sum / 1e6;
}

/** Proportional set size in MiB: a page shared by n processes, ours or not, counts as 1/n. */
export function pssMib(pid: number): number {
  const line = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"));
  return Number(line?.[1] ?? Number.NaN) / 1024;
}

/**
 * Memory of a group of processes in MiB as if they were alone on the machine: what is private, and what is shared once, in
 * full. PSS shrinks with every stranger that runs the same program; this does not.
 */
export function footprintMib(pids: readonly number[]): number {
  let kib = 0;
  const shared = new Map<string, number>();
  for (const pid of pids) {
    for (const mapping of readFileSync(`/proc/${pid}/smaps`, "utf8").split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)) {
      const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(mapping)?.[1] ?? 0);
      kib += field("Private_Clean") + field("Private_Dirty");
      const [head = ""] = mapping.split("\n", 1);
      const [, , offset = "", device = "", inode = ""] = head.split(/\s+/);
      const key = `${device}:${inode}:${offset}`;
      shared.set(key, Math.max(shared.get(key) ?? 0, field("Shared_Clean") + field("Shared_Dirty")));
    }
  }
  for (const size of shared.values()) kib += size;
  return kib / 1024;
}

/** Open descriptors of a process. */
export function descriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

function folderOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // The process or thread went away while we looked.
    return undefined;
  }
}
