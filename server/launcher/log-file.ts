/** The log file of one process, rotated by size. */
import { closeSync, existsSync, fstatSync, openSync, renameSync, rmSync, writeSync } from "node:fs";

const LOG_LIMITS = {
  /** bytes of the open file before it is rotated */
  fileBytes: 10 * 1024 * 1024,
  /** rotated files kept beside the open one: `api.log.1` is the newest */
  keep: 5,
} as const;

const NEWLINE = 0x0a;

export class LogFile {
  readonly #path: string;
  readonly #fileBytes: number;
  readonly #keep: number;
  #file: number;
  #bytes: number;

  /** Opens for appending. @param limits bytes of one file and number of rotated files kept */
  constructor(path: string, limits: { fileBytes: number; keep: number } = LOG_LIMITS) {
    this.#path = path;
    this.#fileBytes = limits.fileBytes;
    this.#keep = limits.keep;
    this.#file = openSync(path, "a", 0o640);
    this.#bytes = fstatSync(this.#file).size;
  }

  /**
   * Appends, rotating at the end of a line. Synchronous on purpose: a child that writes faster than the disk then
   * waits on its full pipe instead of filling the launcher's memory.
   */
  write(chunk: Uint8Array | string): void {
    let bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    if (this.#bytes >= this.#fileBytes) {
      const end = bytes.indexOf(NEWLINE);
      // Output without any line end must not grow one file for ever.
      if (end >= 0 || this.#bytes >= 2 * this.#fileBytes) {
        this.#append(bytes.subarray(0, end + 1));
        this.#tryToRotate();
        bytes = bytes.subarray(end + 1);
      }
    }
    this.#append(bytes);
  }

  close(): void {
    closeSync(this.#file);
  }

  #append(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    try {
      this.#bytes += writeSync(this.#file, bytes);
    } catch {
      // A full or failing disk loses log lines; it must not take the supervision down with it.
    }
  }

  #tryToRotate(): void {
    try {
      this.#rotate();
    } catch {
      // No room for another file: go on in this one and try again after as much output.
      this.#bytes = 0;
    }
  }

  #rotate(): void {
    rmSync(`${this.#path}.${this.#keep}`, { force: true });
    for (let i = this.#keep - 1; i >= 0; i--) {
      const from = i === 0 ? this.#path : `${this.#path}.${i}`;
      if (existsSync(from)) renameSync(from, `${this.#path}.${i + 1}`);
    }
    const next = openSync(this.#path, "a", 0o640);
    closeSync(this.#file);
    this.#file = next;
    this.#bytes = fstatSync(next).size;
  }
}
