/** Files that are shown to a model at every turn, kept on this machine for the time of a claim, where no tool sees them. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** in the data folder; below it a folder for each claim */
const CACHES = "run-files";

/** The folder for a claim's files. @param data the data folder */
export function fileCacheFolder(data: string, claim: string): string {
  return join(data, CACHES, claim);
}

/** Removes what killed runners left. One that works beside this one only fetches its files again. */
export async function clearFileCaches(data: string): Promise<void> {
  await rm(join(data, CACHES), { recursive: true, force: true });
}

export class FileCache {
  readonly #folder: string;
  readonly #fetch: (file: string) => Promise<Uint8Array>;

  /**
   * @param folder of this claim alone; made when it is needed
   * @param fetch bytes of a file
   */
  constructor(folder: string, fetch: (file: string) => Promise<Uint8Array>) {
    this.#folder = folder;
    this.#fetch = fetch;
  }

  /** @throws what fetching throws */
  async load(file: string): Promise<Uint8Array> {
    const path = join(this.#folder, encodeURIComponent(file));
    const kept = await readFile(path).catch(() => undefined);
    if (kept) return kept;
    const bytes = await this.#fetch(file);
    // A full disk only makes it slower.
    await this.#keep(path, bytes).catch((error: unknown) => console.error(`file ${file} could not be kept for later`, error));
    return bytes;
  }

  async #keep(path: string, bytes: Uint8Array): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    try {
      await writeFile(path, bytes, { mode: 0o600 });
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
