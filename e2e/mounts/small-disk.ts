/** A disk that can be filled and freed: a file system in memory with a fixed size, mounted by root. */
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MIB = 2 ** 20;

export class SmallDisk {
  readonly folder: string;
  readonly #filler: string;

  /** @param sizeMib size of the whole disk */
  constructor(sizeMib: number) {
    this.folder = mkdtempSync(join(tmpdir(), "atrium-disk-"));
    this.#filler = join(this.folder, "filler");
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${sizeMib}m`, "tmpfs", this.folder]);
  }

  get freeMib(): number {
    const { bavail, bsize } = statfsSync(this.folder);
    return (bavail * bsize) / MIB;
  }

  /** Leaves this much space; with 0 not even a small file fits. */
  fill(leaveMib: number): void {
    const file = openSync(this.#filler, "a");
    try {
      while (this.freeMib > leaveMib + 1) writeSync(file, Buffer.alloc(MIB));
      if (leaveMib === 0) for (;;) writeSync(file, Buffer.alloc(4_096));
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
    } finally {
      closeSync(file);
    }
  }

  /** Gives the space back. */
  free(): void {
    rmSync(this.#filler, { force: true });
  }

  unmount(): void {
    execFileSync("umount", ["--lazy", this.folder]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
