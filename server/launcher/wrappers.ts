/** Small programs of util-linux that start others; each is left out where the machine lacks it. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Lets the kernel kill the program when the process that started it dies. */
export function diesWithParent(): string[] {
  return onPath("setpriv") ? ["setpriv", "--pdeathsig", "KILL", "--"] : [];
}

/** Runs the program only while it holds an exclusive lock on `file`; otherwise exits with `busyCode` at once. */
export function holdsLock(file: string, busyCode: number): string[] {
  return onPath("flock") ? ["flock", "--no-fork", "--nonblock", "-E", String(busyCode), file] : [];
}

/** Raises the limit of open files to the most this user may have. (Node does this by itself.) */
export function manyFiles(): string[] {
  return ["sh", "-c", 'ulimit -n "$(ulimit -H -n)" 2>/dev/null; exec "$@"', "sh"];
}

function onPath(program: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
