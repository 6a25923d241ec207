/**
 * Watches the free space of the data folder's disk. Below the limit the instance refuses new work before the database
 * itself runs into the wall, so that what was begun can still be finished; it recovers by itself.
 */
import { statfs } from "node:fs/promises";
import type { Logger } from "pino";

/** ms between two looks */
const CHECK_EVERY_MS = 2_000;

export type DiskState = "ok" | "full";

export type DiskMonitor = {
  readonly state: DiskState;
  /** bytes free for us, as of the last look */
  readonly freeBytes: number;
  /** Looks now; also called when a write ran into a full disk. */
  check(): Promise<DiskState>;
  stop(): void;
};

export type DiskOptions = {
  folder: string;
  /** bytes */
  minFreeBytes: number;
  log: Logger;
  /** bytes free for us in a folder; a test gives its own disk */
  free?: (folder: string) => Promise<number>;
};

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Starts watching; resolves after the first look. */
export async function watchDisk({ folder, minFreeBytes, log, free = freeBytes }: DiskOptions): Promise<DiskMonitor> {
  let state: DiskState = "ok";
  let bytes = Number.POSITIVE_INFINITY;
  const check = async () => {
    bytes = await free(folder);
    const next = bytes < minFreeBytes ? "full" : "ok";
    if (next !== state) {
      state = next;
      if (state === "full")
        log.error({ freeBytes: bytes, minFreeBytes }, "the disk is full: new work is refused until space is freed");
      else log.info({ freeBytes: bytes }, "the disk has space again");
    }
    return state;
  };
  await check();
  const timer = setInterval(() => {
    check().catch((error: unknown) => log.error({ error }, "cannot read the free space of the data folder"));
  }, CHECK_EVERY_MS);
  timer.unref();
  return {
    get state() {
      return state;
    },
    get freeBytes() {
      return bytes;
    },
    check,
    stop: () => clearInterval(timer),
  };
}
