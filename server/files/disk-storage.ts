/** Blobs on this machine's disk. A blob is there whole or not at all: it gets its name after its bytes are on the disk. */
import { createReadStream } from "node:fs";
import { copyFile, link, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { errnoOf } from "../tools/refusal.ts";
import { BlobMissing, type Storage, type StoredBlob } from "./storage.ts";

/** bytes read at a time: a download holds one of these, whatever its size */
const READ_BYTES = 256 * 1024;
/** The file lies on another disk, or on one that cannot give a file two names. */
const WITHOUT_LINKS = new Set(["EXDEV", "EPERM", "ENOTSUP", "EOPNOTSUPP", "EMLINK"]);

/** @param folder absolute; made when the first blob comes */
export function diskStorage(folder: string): Storage {
  const pathOf = (key: string): string => join(folder, key);

  const find = async (key: string): Promise<StoredBlob | undefined> => {
    try {
      const { size, mtimeMs } = await stat(pathOf(key));
      return { key, bytes: size, modifiedAt: mtimeMs };
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return undefined;
      throw error;
    }
  };

  return {
    async put(key, file) {
      const target = pathOf(key);
      await makeFolders(folder, dirname(target));
      await sync(file);
      await link(file, target).catch(async (error: unknown) => {
        const code = errnoOf(error) ?? "";
        if (code === "EEXIST") return; // the same content is there already
        if (!WITHOUT_LINKS.has(code)) throw error;
        await copyBeside(file, target);
      });
      await sync(dirname(target));
    },
    async open(key, range) {
      const handle = await open(pathOf(key)).catch((error: unknown) => {
        throw errnoOf(error) === "ENOENT" ? new BlobMissing(key, error) : error;
      });
      return createReadStream("", { fd: handle, highWaterMark: READ_BYTES, ...range });
    },
    stat: find,
    remove: (key) => rm(pathOf(key), { force: true }),
    async *list(prefix) {
      const under = prefix.slice(0, prefix.lastIndexOf("/") + 1);
      for await (const path of walk(pathOf(under))) {
        const key = relative(folder, path);
        const blob = key.startsWith(prefix) ? await find(key) : undefined;
        if (blob) yield blob;
      }
    },
  };
}

async function* walk(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT") return [];
    throw error;
  });
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else if (entry.isFile()) yield path;
  }
}

/** Makes what is missing; a folder's own entry must be on the disk before a blob in it counts. */
async function makeFolders(top: string, folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (made === undefined) return;
  for (let path = folder; ; path = dirname(path)) {
    await sync(dirname(path));
    if (path === made || path === top) return;
  }
}

/** Copied beside the target first, so that no half of it ever stands there. */
async function copyBeside(file: string, target: string): Promise<void> {
  const beside = `${target}.new`;
  await copyFile(file, beside);
  await sync(beside);
  await rename(beside, target);
}

async function sync(path: string): Promise<void> {
  const handle = await open(path);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
