/** The processes of this instance as the machine sees them: from the launcher's table and /proc, without asking them. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

export type ProcessView = {
  name: string;
  pid: number;
  /** resident; pages that processes share count in each of them. Undefined where /proc does not say */
  residentBytes: number | undefined;
  /** s since it was started */
  upS: number | undefined;
};

const table = z.object({ processes: z.array(z.object({ name: z.string(), pid: z.number().int() })) });
const lock = z.object({ pid: z.number().int() });

/** ticks a second in /proc, the same on every Linux that Node runs on */
const TICKS = 100;

/** Launcher first, then its children. Empty where this process was started apart. */
export async function processesOf(dataFolder: string): Promise<ProcessView[]> {
  const [holder, children] = await Promise.all([
    readJson(join(dataFolder, "lock.json"), lock),
    readJson(join(dataFolder, "processes.json"), table),
  ]);
  const named = [...(holder ? [{ name: "launcher", pid: holder.pid }] : []), ...(children?.processes ?? [])];
  const views = await Promise.all(named.map(({ name, pid }) => look(name, pid)));
  return views.filter((view) => view !== undefined);
}

async function look(name: string, pid: number): Promise<ProcessView | undefined> {
  try {
    const [status, stat, uptime] = await Promise.all([
      readFile(`/proc/${pid}/status`, "utf8"),
      readFile(`/proc/${pid}/stat`, "utf8"),
      readFile("/proc/uptime", "utf8"),
    ]);
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    // The second field, the command in brackets, may hold spaces and brackets of its own.
    const started = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
    const upS = Math.max(0, Number.parseFloat(uptime) - started / TICKS);
    return { name, pid, residentBytes: kib === undefined ? undefined : Number(kib) * 1_024, upS: Math.round(upS) };
  } catch {
    // Ended meanwhile; the launcher starts another one.
    return undefined;
  }
}

async function readJson<S extends z.ZodType>(path: string, schema: S): Promise<z.infer<S> | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return undefined;
  }
}
