/**
 * Uploads that are not finished: the bytes that came so far, beside a note of whose they are. On this machine's disk whatever
 * the storage is, because a store cannot append.
 */
import { createHash, type Hash } from "node:crypto";
import type { Stats } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { isId } from "../../../party/protocol/ids.ts";
import { errnoOf } from "../../tools/refusal.ts";
import { hashFile, type Spooled, writeAt } from "../spool.ts";
import { reclaim } from "./reclaim.ts";

/** ms after which an upload that was not finished is removed */
export const UPLOAD_KEEP_MS = 24 * 3_600_000;

const note = z.object({
  /** of the file it becomes */
  id: z.string(),
  company: z.string(),
  user: z.string(),
  userName: z.string(),
  name: z.string(),
  /** bytes in all */
  bytes: z.number().int().nonnegative(),
  session: z.string().optional(),
  createdAt: z.string(),
});
export type Partial = z.infer<typeof note>;

export class Partials {
  readonly #folder: string;
  /** hashes of what came without a break; after one the file is hashed again from its beginning */
  readonly #hashes = new Map<string, { hash: Hash; at: number }>();

  readonly #working = new Map<string, Promise<void>>();

  /** @param folder absolute */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async create(partial: Partial): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const fresh = `${this.#notePath(partial.id)}.new`;
    // The bytes first: a note without them would be an upload that cannot go on.
    await (await open(this.#path(partial.id), "wx", 0o600)).close();
    const file = await open(fresh, "w", 0o600);
    await file.writeFile(JSON.stringify(partial));
    await file.sync();
    await file.close();
    await rename(fresh, this.#notePath(partial.id));
    this.#hashes.set(partial.id, { hash: createHash("sha256"), at: 0 });
  }

  async find(id: string): Promise<Partial | undefined> {
    if (!isId(id, "fi")) return undefined;
    const text = await readFile(this.#notePath(id), "utf8").catch(absent);
    return text === undefined ? undefined : note.parse(JSON.parse(text));
  }

  /** Bytes that came so far; undefined when there is no such upload. */
  async received(id: string): Promise<number | undefined> {
    const stats: Stats | undefined = await stat(this.#path(id)).catch(absent);
    return stats?.size;
  }

  /**
   * Appends a stream at `offset` and answers the offset after it. What was written when the stream broke off stays.
   * @param check called before each chunk; what it throws ends the write
   * @throws {StorageFull} the disk has no space; an upload can go on from there later
   */
  async write(id: string, stream: AsyncIterable<Uint8Array>, offset: number, check: () => void): Promise<number> {
    const running = this.#hashes.get(id);
    this.#hashes.delete(id);
    const hash = running?.at === offset ? running.hash : undefined;
    const handle = await open(this.#path(id), "r+");
    let position = offset;
    try {
      for await (const chunk of stream) {
        check();
        await writeAt(handle, chunk, position);
        hash?.update(chunk);
        position += chunk.length;
        reclaim(chunk.length);
      }
      if (hash) this.#hashes.set(id, { hash, at: position });
      return position;
    } finally {
      await handle.close();
    }
  }

  /** The whole of an upload that has all its bytes, ready for the storage. */
  async finish({ id, bytes }: Partial): Promise<Spooled> {
    const running = this.#hashes.get(id);
    this.#hashes.delete(id);
    const path = this.#path(id);
    return { path, bytes, sha256: running?.at === bytes ? running.hash.digest("hex") : await hashFile(path) };
  }

  /** Runs a piece of work on an upload, one at a time; who comes meanwhile waits for it and then runs too. */
  async alone(id: string, work: () => Promise<void>): Promise<void> {
    const before = this.#working.get(id);
    const turn = (before ?? Promise.resolve()).then(work, work);
    this.#working.set(id, turn);
    try {
      await turn;
    } finally {
      if (this.#working.get(id) === turn) this.#working.delete(id);
    }
  }

  async remove(id: string): Promise<void> {
    this.#hashes.delete(id);
    await rm(this.#notePath(id), { force: true });
    await rm(this.#path(id), { force: true });
  }

  /** How many a person has open, in all companies. */
  async countOf(user: string): Promise<number> {
    const open = await Promise.all((await this.#ids()).map((id) => this.find(id)));
    return open.filter((partial) => partial?.user === user).length;
  }

  /** Removes what was begun too long ago, and what a stop in the middle left. @param now ms */
  async expire(now: number): Promise<number> {
    const names = await readdir(this.#folder).catch((error: unknown) => absent(error) ?? []);
    let removed = 0;
    for (const name of names) {
      const stats: Stats | undefined = await stat(join(this.#folder, name)).catch(absent);
      const partial = await this.find(name);
      const since = partial ? Date.parse(partial.createdAt) : stats?.mtimeMs;
      if (since === undefined || now - since < UPLOAD_KEEP_MS || name.endsWith(".json")) continue;
      this.#hashes.delete(name);
      await rm(join(this.#folder, name), { force: true });
      await rm(this.#notePath(name), { force: true });
      removed += 1;
    }
    return removed;
  }

  async #ids(): Promise<string[]> {
    const names = await readdir(this.#folder).catch((error: unknown) => absent(error) ?? []);
    return names.filter((name) => isId(name, "fi"));
  }

  #path(id: string): string {
    return join(this.#folder, id);
  }

  #notePath(id: string): string {
    return join(this.#folder, `${id}.json`);
  }
}

function absent(error: unknown): undefined {
  if (errnoOf(error) === "ENOENT") return undefined;
  throw error;
}
