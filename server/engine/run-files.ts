/**
 * The files that came with what people said to a run. Their bytes come from the api with the run's token. The agent finds
 * them in the inbox of its workspace; a model is shown them from a folder of the claim.
 */
import { createHash, randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, link, open, unlink } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { extname } from "node:path";
import type { Attachment } from "../../party/protocol/common.ts";
import { safeName } from "../files/names.ts";
import type { FilePort } from "../runtimes/contract.ts";
import { giveTo, type Pinned, pinFolder, type Root, viaFd, withRoot } from "../tools/paths.ts";
import { errnoOf } from "../tools/refusal.ts";
import { FileCache } from "./file-cache.ts";
import { getStream, type InternalApi } from "./internal-request.ts";
import type { Clock } from "./loop/clock.ts";

const INBOX = "inbox";
/** files of one name; a screenshot is `image.png` every time */
const SAME_NAME = 200;
/** ms without a byte from the api */
const SILENT_MS = 15_000;
/** ms before each try: an api that is replaced is back within this */
const TRIES_MS = [0, 250, 1_000, 3_000] as const;
/** bytes that are read into memory to be shown to a model; the models' own limits are lower */
const SHOWN_BYTES = 32 * 1024 * 1024;
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_WRONLY, O_CREAT, O_EXCL } = constants;

export type RunFilesOptions = InternalApi & {
  workspace: string;
  /** a folder of this claim alone, outside every workspace */
  cache: string;
  clock: Clock;
  lost: AbortSignal;
};

/** The api has no such file for this run: asking again does not help. */
class NotThere extends Error {}

export class RunFiles implements FilePort {
  readonly #options: RunFilesOptions;
  readonly #cache: FileCache;
  /** by file */
  readonly #placed = new Map<string, Promise<string>>();

  constructor(options: RunFilesOptions) {
    this.#options = options;
    this.#cache = new FileCache(options.cache, (file) => this.#retried(() => this.#download(file)));
  }

  load(file: string): Promise<Uint8Array> {
    return this.#cache.load(file);
  }

  place(attached: Attachment): Promise<string> {
    const known = this.#placed.get(attached.file);
    if (known) return known;
    const placing = this.#retried(() => withRoot(this.#options.workspace, (root) => this.#place(root, attached)));
    this.#placed.set(attached.file, placing);
    return placing;
  }

  /** Removes what was kept to be shown; what lies in the inbox stays. */
  close(): Promise<void> {
    return this.#cache.remove();
  }

  async #download(file: string): Promise<Uint8Array> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of await this.#fetch(file)) {
      bytes += chunk.length;
      if (bytes > SHOWN_BYTES) throw new NotThere(`${file} is too large to be shown`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  /** Written beside its place and then linked to it: nothing is overwritten, and a name stands for a whole file. */
  async #place(root: Root, { file, name }: Attachment): Promise<string> {
    const folder = await pinFolder(root, [INBOX]);
    const part = `.atrium-${randomUUID()}.part`;
    try {
      const digest = await writeNew(root, folder, part, await this.#fetch(file));
      for (const candidate of numbered(safeName(name))) {
        if (await linked(folder, part, candidate)) return `${INBOX}/${candidate}`;
        // From an earlier run, or an earlier try of this one.
        if ((await digestOf(folder, candidate)) === digest) return `${INBOX}/${candidate}`;
      }
      throw new NotThere(`the inbox has ${SAME_NAME} files of one name`);
    } finally {
      await unlink(viaFd(folder.handle, part)).catch(() => {}); // it may not have been made
      await folder.handle.close();
    }
  }

  async #fetch(file: string): Promise<IncomingMessage> {
    const response = await getStream(this.#options, `/internal/files/${encodeURIComponent(file)}`, SILENT_MS);
    const status = response.statusCode ?? 500;
    if (status === 200) return response;
    response.resume();
    const message = `the api answered ${status} for the file ${file}`;
    throw status >= 400 && status < 500 ? new NotThere(message) : new Error(message);
  }

  async #retried<T>(work: () => Promise<T>): Promise<T> {
    const { clock, lost } = this.#options;
    let last: unknown;
    for (const pauseMs of TRIES_MS) {
      if (pauseMs > 0) await clock.sleep(pauseMs, lost);
      try {
        return await work();
      } catch (error) {
        last = error;
        if (error instanceof NotThere || lost.aborted) break;
      }
    }
    throw last;
  }
}

function* numbered(name: string): Generator<string> {
  yield name;
  const ending = extname(name);
  const stem = name.slice(0, name.length - ending.length);
  for (let n = 2; n <= SAME_NAME; n++) yield `${stem}-${n}${ending}`;
}

/** @returns the digest of what was written */
async function writeNew(root: Root, folder: Pinned, name: string, bytes: AsyncIterable<Buffer>): Promise<string> {
  const handle = await open(viaFd(folder.handle, name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o644);
  try {
    const hash = createHash("sha256");
    for await (const chunk of bytes) {
      hash.update(chunk);
      await handle.writeFile(chunk);
    }
    await giveTo(root.owner, handle);
    return hash.digest("hex");
  } finally {
    await handle.close();
  }
}

/** False where the name is taken. */
async function linked(folder: Pinned, part: string, name: string): Promise<boolean> {
  try {
    await link(viaFd(folder.handle, part), viaFd(folder.handle, name));
    return true;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** undefined for what is no file of the folder itself: a link that an agent made leads nowhere from here. */
async function digestOf(folder: Pinned, name: string): Promise<string | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(viaFd(folder.handle, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    if (!(await handle.stat()).isFile()) return undefined;
    const hash = createHash("sha256");
    for await (const chunk of handle.createReadStream({ autoClose: false })) hash.update(chunk);
    return hash.digest("hex");
  } finally {
    await handle.close();
  }
}
