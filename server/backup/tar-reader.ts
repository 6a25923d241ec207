/** Reads a backup from its beginning to its end, in constant memory, and holds its sums against its manifest. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { basename } from "node:path";
import { Header, Pax } from "tar";
import { BackupError } from "./errors.ts";
import { damagedPart, MANIFEST_NAME, type Manifest, PartSums, parseManifest, partOf } from "./manifest.ts";
import { BLOCK } from "./tar-writer.ts";

/** bytes read at a time */
const CHUNK = 1024 * 1024;
/** bytes; long names take a few hundred */
const MAX_PAX = 1024 * 1024;
/** bytes; a part takes about two hundred */
const MAX_MANIFEST = 64 * 1024 * 1024;

export type Entry = {
  path: string;
  type: "File" | "Directory" | "SymbolicLink";
  /** bytes */
  size: number;
  mode: number;
  uid: number;
  gid: number;
  mtime: Date;
  /** target of a link */
  link: string;
};

/** Takes an entry; returns what its content goes to, chunk by chunk, in order. The last call has no bytes. */
export type EntrySink = (entry: Entry) => ((bytes: Uint8Array | undefined) => void) | undefined;

/**
 * Reads a whole backup.
 * @param sink nothing it was given may be relied on before this returns
 * @throws {BackupError} naming the part that is torn or changed
 */
export function readBackup(path: string, sink: EntrySink): Manifest {
  const file = new BlockFile(path);
  try {
    return read(file, sink);
  } finally {
    file.close();
  }
}

function read(file: BlockFile, sink: EntrySink): Manifest {
  const sums = new PartSums();
  let before = "its beginning";
  for (;;) {
    const entry = nextEntry(file, before);
    if (entry === undefined)
      throw new BackupError(`${file.name} has no manifest: it ends after ${before}. It is torn, use another one.`);
    if (entry.path === MANIFEST_NAME) return endWith(file, entry, sums);
    before = `the part ${partOf(entry.path)}`;
    sums.begin(entry.path, entry);
    const take = sink(entry);
    file.content(entry.size, before, (bytes) => {
      sums.add(bytes);
      take?.(bytes);
    });
    take?.(undefined);
  }
}

function endWith(file: BlockFile, { size }: Entry, sums: PartSums): Manifest {
  if (size > MAX_MANIFEST) throw new BackupError(`${file.name} is damaged in its manifest. Use another one.`);
  const chunks: Uint8Array[] = [];
  file.content(size, "its manifest", (bytes) => chunks.push(Uint8Array.from(bytes)));
  const manifest = parseManifest(Buffer.concat(chunks).toString("utf8"));
  if (!manifest) throw new BackupError(`${file.name} is damaged in its manifest. Use another one.`);
  const damaged = damagedPart(manifest.parts, sums.parts());
  if (damaged !== undefined) {
    throw new BackupError(`${file.name} is damaged in the part ${damaged}: it is not what was written. Use another one.`);
  }
  return manifest;
}

/** The next entry; undefined at the end. Entries that only lengthen a name are read into the one behind them. */
function nextEntry(file: BlockFile, before: string): Entry | undefined {
  let longer: Pax | undefined;
  for (;;) {
    const block = file.block(before);
    if (block === undefined || block.every((byte) => byte === 0)) return undefined;
    const header = new Header(block, 0);
    if (!header.cksumValid) throw new BackupError(`${file.name} is damaged behind ${before}. Use another one.`);
    const size = longer?.size ?? header.size ?? 0;
    if (header.type === "ExtendedHeader") {
      if (size > MAX_PAX) throw new BackupError(`${file.name} is damaged behind ${before}. Use another one.`);
      let text = "";
      file.content(size, before, (bytes) => {
        text += Buffer.from(bytes).toString("utf8");
      });
      longer = Pax.parse(text);
      continue;
    }
    const { type } = header;
    if (type !== "File" && type !== "Directory" && type !== "SymbolicLink")
      throw new BackupError(`${file.name} holds something behind ${before} that no backup has (${type}).`);
    return {
      path: (longer?.path ?? header.path ?? "").replace(/\/$/, ""),
      type,
      size: type === "File" ? size : 0,
      mode: header.mode ?? 0o600,
      uid: longer?.uid ?? header.uid ?? 0,
      gid: longer?.gid ?? header.gid ?? 0,
      mtime: longer?.mtime ?? header.mtime ?? new Date(0),
      link: type === "SymbolicLink" ? (longer?.linkpath ?? header.linkpath ?? "") : "",
    };
  }
}

/** The manifest alone, found from the end. Undefined when there is none: the file is torn, or no backup. */
export function peekManifest(path: string): Manifest | undefined {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    for (let reach = 64 * 1024; ; reach *= 8) {
      const tail = Buffer.alloc(Math.min(reach, size) - (Math.min(reach, size) % BLOCK));
      readSync(file, tail, 0, tail.length, size - tail.length);
      const found = manifestIn(tail);
      if (found || tail.length + BLOCK > size || reach > MAX_MANIFEST) return found;
    }
  } finally {
    closeSync(file);
  }
}

function manifestIn(tail: Buffer): Manifest | undefined {
  for (let at = tail.length - 3 * BLOCK; at >= 0; at -= BLOCK) {
    if (!tail.subarray(at, at + BLOCK).includes(MANIFEST_NAME)) continue;
    const header = new Header(tail.subarray(at, at + BLOCK), 0);
    if (!header.cksumValid || header.path !== MANIFEST_NAME) continue;
    return parseManifest(tail.subarray(at + BLOCK, at + BLOCK + (header.size ?? 0)).toString("utf8"));
  }
  return undefined;
}

/** A file read block by block. */
class BlockFile {
  readonly name: string;
  readonly #file: number;
  readonly #chunk = Buffer.alloc(CHUNK);

  constructor(path: string) {
    this.name = basename(path);
    this.#file = openSync(path, "r");
  }

  close(): void {
    closeSync(this.#file);
  }

  /** 512 bytes, or undefined at the end of the file. */
  block(before: string): Buffer | undefined {
    const block = Buffer.alloc(BLOCK);
    let read = 0;
    while (read < BLOCK) {
      const more = readSync(this.#file, block, read, BLOCK - read, null);
      if (more === 0) break;
      read += more;
    }
    if (read === 0) return undefined;
    if (read < BLOCK) throw this.#torn(before);
    return block;
  }

  /** Reads content and the filling behind it. */
  content(size: number, where: string, take: (bytes: Uint8Array) => void): void {
    let left = size;
    while (left > 0) {
      const read = readSync(this.#file, this.#chunk, 0, Math.min(CHUNK, left), null);
      if (read === 0) throw this.#torn(where);
      take(this.#chunk.subarray(0, read));
      left -= read;
    }
    const over = size % BLOCK;
    if (over > 0 && readSync(this.#file, this.#chunk, 0, BLOCK - over, null) < BLOCK - over) throw this.#torn(where);
  }

  #torn(where: string): BackupError {
    return new BackupError(`${this.name} ends in the middle of ${where}. It is torn, use another one.`);
  }
}
