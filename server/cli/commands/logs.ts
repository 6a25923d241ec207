/** `logs`: the ends of the logs, and what comes. */
import { closeSync, existsSync, fstatSync, openSync, readSync, watch } from "node:fs";
import { basename, join } from "node:path";
import { readArguments, wholeNumberOption } from "../arguments.ts";
import { CliError, EXIT, type Run, UsageError } from "../command.ts";
import { settingsOf } from "../place.ts";

const PROCESSES = ["launcher", "api", "rooms", "runner"] as const;
/** lines shown when nobody says how many */
const LINES = 40;
/** bytes read backwards at a time */
const BLOCK = 64 * 1024;
const NEWLINE = 0x0a;

/** `[process] [-f] [-n lines]` */
export const logs: Run = async (args, terminal) => {
  const options = { follow: { type: "boolean", short: "f" }, lines: { type: "string", short: "n" } } as const;
  const { values, positionals } = readArguments(args, options, { least: 0, most: 1 });
  const [wanted] = positionals;
  const names = wanted === undefined ? PROCESSES : PROCESSES.filter((name) => name === wanted);
  if (names.length === 0) throw new UsageError(`There is no process "${wanted}".`);
  const lines = wholeNumberOption("lines", values.lines, LINES);
  const folder = join(settingsOf(terminal).data, "logs");
  const files = names.map((name) => new FollowedFile(join(folder, `${name}.log`)));
  if (!files.some(({ exists }) => exists)) throw new CliError(`There are no logs in ${folder} yet.`);

  const show = (file: FollowedFile, text: string): void => {
    const shown = text.split("\n");
    if (shown.at(-1) === "") shown.pop();
    for (const line of shown) terminal.say(names.length > 1 ? `${file.name.padEnd(8)} ${line}` : line);
  };
  for (const file of files) show(file, file.last(lines));
  if (!values.follow) return EXIT.done;
  const stopped = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopped.abort());
  await new Promise<void>((resolve) => {
    const watcher = watch(folder, { signal: stopped.signal }, () => {
      for (const file of files) show(file, file.next());
    });
    watcher.once("close", resolve);
  });
  return EXIT.done;
};

/** A log that grows and is turned over now and then. */
class FollowedFile {
  readonly name: string;
  readonly #path: string;
  #at = 0;
  #inode = 0;

  constructor(path: string) {
    this.#path = path;
    this.name = basename(path, ".log");
  }

  get exists(): boolean {
    return existsSync(this.#path);
  }

  /** The last lines; `next` goes on behind them. */
  last(lines: number): string {
    return this.#open((file, size) => {
      this.#at = size;
      const blocks: Buffer[] = [];
      let breaks = 0;
      let from = size;
      // The line break at the very end closes the last line.
      while (from > 0 && breaks <= lines) {
        const length = Math.min(BLOCK, from);
        from -= length;
        const block = Buffer.alloc(length);
        readSync(file, block, 0, length, from);
        breaks += block.filter((byte) => byte === NEWLINE).length;
        blocks.unshift(block);
      }
      const all = Buffer.concat(blocks).toString("utf8").split("\n");
      const closed = all.at(-1) === "" ? 1 : 0;
      return all.slice(-(lines + closed)).join("\n");
    });
  }

  /** What was written since. */
  next(): string {
    return this.#open((file, size) => {
      const { ino } = fstatSync(file);
      if (ino !== this.#inode || size < this.#at) this.#at = 0;
      this.#inode = ino;
      const fresh = Buffer.alloc(size - this.#at);
      readSync(file, fresh, 0, fresh.length, this.#at);
      this.#at = size;
      return fresh.toString("utf8");
    });
  }

  #open(read: (file: number, size: number) => string): string {
    if (!this.exists) return "";
    const file = openSync(this.#path, "r");
    try {
      const { size, ino } = fstatSync(file);
      this.#inode ||= ino;
      return read(file, size);
    } finally {
      closeSync(file);
    }
  }
}
