/**
 * The files of deleted companies. A folder is moved aside at once, where no run finds it, and removed once whatever ran in it
 * must be over: removing by path while a command still changes the folder could be led out of it by a symbolic link.
 */
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "pino";

/** ms; a lease without its room ends after 20 s, and what runs under it is killed with it */
const EMPTY_AFTER_MS = 60_000;
/** in the folder of workspaces; no company has such an id */
const BIN = ".deleted";

export type WorkspaceBin = {
  /** Moves a company's folder aside. Never rejects: the company is gone whatever becomes of its files. */
  discard(company: string): Promise<void>;
  /** Removes what was moved aside. Runs by itself a minute after the start and after each `discard`. */
  empty(): Promise<void>;
  stop(): void;
};

export function createWorkspaceBin(dataFolder: string, log: Logger): WorkspaceBin {
  const workspaces = join(dataFolder, "workspaces");
  const bin = join(workspaces, BIN);
  let timer: NodeJS.Timeout | undefined;

  function emptyLater(): void {
    clearTimeout(timer);
    timer = setTimeout(() => void empty(), EMPTY_AFTER_MS).unref();
  }

  /** Not with its parents: the folder of workspaces has other rights, and is made by who first works in it. */
  async function makeBin(): Promise<void> {
    await mkdir(bin, { mode: 0o700 }).catch((error: unknown) => {
      if (codeOf(error) !== "EEXIST") throw error;
    });
  }

  async function empty(): Promise<void> {
    const companies = await readdir(bin).catch((error: unknown) => {
      if (codeOf(error) !== "ENOENT") log.error({ err: error }, "the files of deleted companies could not be listed");
      return [];
    });
    for (const company of companies) {
      try {
        await rm(join(bin, company), { recursive: true, force: true });
        log.info({ company }, "the files of a deleted company were removed");
      } catch (error) {
        log.error({ err: error, company }, "the files of a deleted company could not be removed");
      }
    }
  }

  // An earlier process may have stopped in between.
  emptyLater();
  return {
    async discard(company) {
      try {
        await makeBin();
        await rename(join(workspaces, company), join(bin, company));
      } catch (error) {
        // It has no folder until one of its agents runs.
        if (codeOf(error) === "ENOENT") return;
        log.error({ err: error, company }, "the files of a deleted company could not be moved aside");
      }
      emptyLater();
    },
    empty,
    stop: () => clearTimeout(timer),
  };
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
