/** Finished local files on their way into the storage: what a blob is made of. */
import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { StorageFull } from "../../db/errors.ts";
import { errnoOf } from "../tools/refusal.ts";
import { HEAD_BYTES } from "./types.ts";

/** bytes read at a time while a file is hashed */
const READ_BYTES = 1024 * 1024;

/** A finished file outside the storage. Whoever made it removes it. */
export type Spooled = { path: string; sha256: string; bytes: number };

/** The stream is longer than allowed. */
export class TooLong extends Error {
  override name = "TooLong";
  readonly limit: number;
  /** @param limit bytes */
  constructor(limit: number) {
    super(`more than ${limit} bytes`);
    this.limit = limit;
  }
}

/**
 * Writes a stream into a new file of `folder`, hashing on the way: memory stays flat.
 * @throws {TooLong} past `limit` bytes
 * @throws {StorageFull} the disk has no space for it
 */
export async function spool(folder: string, stream: AsyncIterable<Uint8Array>, limit: number): Promise<Spooled> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `spool-${randomBytes(12).toString("hex")}`);
  const handle = await open(path, "wx", 0o600);
  const hash = createHash("sha256");
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      if (bytes + chunk.length > limit) throw new TooLong(limit);
      await writeAt(handle, chunk, bytes);
      hash.update(chunk);
      bytes += chunk.length;
    }
  } catch (error) {
    await handle.close();
    await rm(path, { force: true });
    throw error;
  }
  await handle.close();
  return { path, sha256: hash.digest("hex"), bytes };
}

/**
 * Writes all of a chunk at a place in a file.
 * @throws {StorageFull} the disk has no space for it; a part of the chunk may stand in the file
 */
export async function writeAt(handle: Awaited<ReturnType<typeof open>>, chunk: Uint8Array, position: number): Promise<void> {
  try {
    for (let done = 0; done < chunk.length; ) {
      const { bytesWritten } = await handle.write(chunk, done, chunk.length - done, position + done);
      done += bytesWritten;
    }
  } catch (error) {
    const code = errnoOf(error);
    throw code === "ENOSPC" || code === "EDQUOT" ? new StorageFull(error) : error;
  }
}

/** The SHA-256 of a file, hex. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) hash.update(chunk);
  return hash.digest("hex");
}

/** The first bytes of a file, at most HEAD_BYTES. */
export async function headOfFile(path: string): Promise<Uint8Array> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
