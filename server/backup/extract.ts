/** Puts the entries of a backup into a folder. A backup may be forged: nothing is ever written outside of the folder. */
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fsyncSync,
  lchownSync,
  mkdirSync,
  openSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { BackupError } from "./errors.ts";
import type { Entry, EntrySink } from "./tar-reader.ts";

/** Of files while they are written, and of folders until everything is in them. */
const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

export class Extractor {
  readonly #folder: string;
  readonly #seen = new Map<string, Entry["type"]>();
  readonly #folders: Entry[] = [];
  /** only root may give files away */
  readonly #owned = process.getuid?.() === 0;

  /** @param folder absolute; exists and is empty */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Takes entries as they are read. */
  readonly take: EntrySink = (entry) => {
    const path = this.#place(entry);
    switch (entry.type) {
      case "Directory":
        this.#folders.push(entry);
        return undefined;
      case "SymbolicLink":
        symlinkSync(entry.link, path);
        if (this.#owned) lchownSync(path, entry.uid, entry.gid);
        return undefined;
      case "File":
        return this.#file(path, entry);
    }
  };

  /** Gives folders the rights and times they had, the inner ones first. */
  finish(): void {
    for (const { path, mode, uid, gid, mtime } of this.#folders.reverse()) {
      const full = join(this.#folder, path);
      if (this.#owned) chownSync(full, uid, gid);
      chmodSync(full, mode & 0o7777);
      utimesSync(full, mtime, mtime);
    }
  }

  /** Where an entry goes; makes the folders above it. */
  #place({ path, type }: Entry): string {
    const parts = path.split("/");
    if (path.includes("\0") || parts.some((part) => part === "" || part === "." || part === "..")) throw forged(path);
    for (let depth = 1; depth < parts.length; depth++) this.#folderAt(parts.slice(0, depth).join("/"), path);
    if (type === "Directory") this.#folderAt(path, path);
    else {
      const before = this.#seen.get(path);
      // A file may come again, as it was later; nothing is ever written through a link.
      if (before !== undefined && !(before === "File" && type === "File")) throw forged(path);
      this.#seen.set(path, type);
    }
    return join(this.#folder, path);
  }

  #folderAt(path: string, forWhat: string): void {
    const known = this.#seen.get(path);
    if (known === "Directory") return;
    if (known !== undefined) throw forged(forWhat);
    mkdirSync(join(this.#folder, path), PRIVATE_FOLDER);
    this.#seen.set(path, "Directory");
  }

  #file(path: string, { mode, uid, gid, mtime }: Entry): ReturnType<EntrySink> {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
    const file = openSync(path, flags, PRIVATE_FILE);
    return (bytes) => {
      if (bytes) {
        for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
        return;
      }
      fsyncSync(file);
      closeSync(file);
      if (this.#owned) chownSync(path, uid, gid);
      chmodSync(path, mode & 0o7777);
      utimesSync(path, mtime, mtime);
    };
  }
}

function forged(path: string): BackupError {
  return new BackupError(`The backup holds ${JSON.stringify(path)}, which no backup of Atrium does. Nothing was restored.`);
}
