/** Writes a backup: entries one after another into one file, in constant memory, with the sums of its parts. */
import { closeSync, fstatSync, fsyncSync, openSync, readSync, renameSync, rmSync, type Stats, writeSync } from "node:fs";
import { dirname } from "node:path";
import { Header, Pax } from "tar";
import { BackupError } from "./errors.ts";
import { type BackupPart, PartSums } from "./manifest.ts";

export const BLOCK = 512;
/** bytes copied at a time */
const CHUNK = 1024 * 1024;
const ZEROS = Buffer.alloc(BLOCK);

export type EntryFacts = { mode: number; uid: number; gid: number; mtime: Date };

export class TarWriter {
  readonly #path: string;
  readonly #temporary: string;
  readonly #file: number;
  readonly #sums = new PartSums();
  readonly #chunk = Buffer.alloc(CHUNK);
  /** bytes written so far */
  bytes = 0;

  /** @param path where the file will stand once it is whole; nobody else may read it */
  constructor(path: string) {
    this.#path = path;
    this.#temporary = `${path}.partial`;
    rmSync(this.#temporary, { force: true });
    this.#file = openSync(this.#temporary, "wx", 0o600);
  }

  folder(path: string, facts: EntryFacts): void {
    this.#head(path, "Directory", 0, "", facts);
  }

  link(path: string, target: string, facts: EntryFacts): void {
    this.#head(path, "SymbolicLink", 0, target, facts);
  }

  text(path: string, text: string, facts: EntryFacts): void {
    const bytes = Buffer.from(text);
    this.#head(path, "File", bytes.length, "", facts);
    this.#content(bytes);
    this.#pad(bytes.length);
  }

  /**
   * A file as it is now. One that is written to meanwhile keeps the size it had: cut, or filled up with zeros.
   * @param facts undefined: its own
   */
  copy(path: string, source: string, facts?: EntryFacts): void {
    const file = openSync(source, "r");
    try {
      const stat = fstatSync(file);
      this.#head(path, "File", stat.size, "", facts ?? factsOf(stat));
      let left = stat.size;
      while (left > 0) {
        const read = readSync(file, this.#chunk, 0, Math.min(CHUNK, left), null);
        if (read === 0) this.#chunk.fill(0);
        const length = read === 0 ? Math.min(CHUNK, left) : read;
        this.#content(this.#chunk.subarray(0, length));
        left -= length;
      }
      this.#pad(stat.size);
    } finally {
      closeSync(file);
    }
  }

  /** The sums of what was written. Nothing that is written afterwards counts. */
  parts(): BackupPart[] {
    return this.#sums.parts();
  }

  /** Writes the last entry, brings everything to the disk and puts the file in its place. */
  finish(name: string, text: string, at: Date): void {
    const bytes = Buffer.from(text);
    this.#write(encode(name, "File", bytes.length, "", { mode: 0o600, uid: 0, gid: 0, mtime: at }));
    this.#write(bytes);
    this.#pad(bytes.length);
    this.#write(Buffer.concat([ZEROS, ZEROS]));
    fsyncSync(this.#file);
    closeSync(this.#file);
    renameSync(this.#temporary, this.#path);
    const folder = openSync(dirname(this.#path), "r");
    fsyncSync(folder);
    closeSync(folder);
  }

  /** Leaves nothing behind. */
  abandon(): void {
    closeSync(this.#file);
    rmSync(this.#temporary, { force: true });
  }

  #head(path: string, type: "File" | "Directory" | "SymbolicLink", size: number, link: string, facts: EntryFacts): void {
    this.#sums.begin(path, { type, mode: facts.mode & 0o7777, size, link });
    this.#write(encode(path, type, size, link, facts));
  }

  #content(bytes: Uint8Array): void {
    this.#sums.add(bytes);
    this.#write(bytes);
  }

  #pad(size: number): void {
    const over = size % BLOCK;
    if (over > 0) this.#write(ZEROS.subarray(0, BLOCK - over));
  }

  #write(bytes: Uint8Array): void {
    let at = 0;
    try {
      while (at < bytes.length) at += writeSync(this.#file, bytes, at);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOSPC") {
        throw new BackupError(
          `The disk of ${dirname(this.#path)} is full. Nothing was left behind; use --to with another folder.`,
        );
      }
      throw error;
    }
    this.bytes += bytes.length;
  }
}

/** What is kept of a file beside its content. */
export function factsOf({ mode, uid, gid, mtime }: Stats): EntryFacts {
  return { mode, uid, gid, mtime };
}

/** The blocks in front of an entry's content. */
function encode(
  path: string,
  type: "File" | "Directory" | "SymbolicLink",
  size: number,
  link: string,
  facts: EntryFacts,
): Buffer {
  const { uid, gid, mtime } = facts;
  const header = new Header({ path, type, size, linkpath: link, mode: facts.mode & 0o7777, uid, gid, mtime });
  const needsMore = header.encode();
  const block = header.block ?? Buffer.alloc(BLOCK);
  if (!needsMore) return block;
  // Long or non-ASCII names, and large sizes, stand in an entry in front.
  return Buffer.concat([new Pax({ path, linkpath: link || undefined, size, uid, gid, mtime }).encode(), block]);
}
