/** The ends of the log files, for the instance's page. */
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { redact } from "./redact.ts";

/** bytes read from the end of a file; some thousand lines */
const TAIL_BYTES = 256 * 1_024;
/** characters of one line that are shown */
const LINE_CHARS = 2_000;
const LOG_FILE = /^([a-z][a-z0-9-]*)\.log$/;

/** Processes that have a log, by name. */
export async function loggedProcesses(dataFolder: string): Promise<string[]> {
  const names = await readdir(join(dataFolder, "logs")).catch((): string[] => []);
  return names.flatMap((name) => LOG_FILE.exec(name)?.[1] ?? []).sort();
}

/**
 * The newest lines of a process's log, oldest first, without secrets.
 * @param name one that `loggedProcesses` names; undefined is answered for any other
 */
export async function tailOf(dataFolder: string, name: string, lines: number): Promise<string[] | undefined> {
  if (!(await loggedProcesses(dataFolder)).includes(name)) return undefined;
  const file = await open(join(dataFolder, "logs", `${name}.log`), "r");
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(size - from), position: from });
    const all = buffer.subarray(0, bytesRead).toString("utf8").split("\n");
    // The first line of a part of a file has lost its beginning.
    const whole = from > 0 ? all.slice(1) : all;
    const written = whole.filter((line) => line !== "");
    return written.slice(-lines).map((line) => redact(line).slice(0, LINE_CHARS));
  } finally {
    await file.close();
  }
}
