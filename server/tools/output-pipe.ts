/**
 * A real pipe from a command to us.
 *
 * Node connects children by sockets, and a socket cannot be opened by name: `echo oops > /dev/stderr` would fail in every
 * script. A named pipe, unlinked as soon as both ends are open, behaves like a shell's own.
 */
import { execFile } from "node:child_process";
import { close, constants, open } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const openFd = promisify(open);
const closeFd = promisify(close);
const run = promisify(execFile);

export interface OutputPipe {
  /** what the command writes; ends when its last process has gone */
  reader: Socket;
  /** descriptor to give to the child */
  writeFd: number;
  /** to be called as soon as the child has it: while we hold it too, the reader never ends */
  releaseWriter(): Promise<void>;
}

export async function openOutputPipe(): Promise<OutputPipe> {
  const folder = await mkdtemp(join(tmpdir(), "atrium-output-"));
  try {
    const path = join(folder, "pipe");
    // Others may write: the command runs as another user, and opening /dev/stderr is checked against this mode.
    await run("mkfifo", ["-m", "0622", path]);
    const readFd = await openFd(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writeFd = await openFd(path, constants.O_WRONLY);
    return {
      reader: new Socket({ fd: readFd, readable: true, writable: false }),
      writeFd,
      releaseWriter: () => closeFd(writeFd),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
