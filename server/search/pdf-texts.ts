/** Texts of PDFs, read into the index one after another once the files are there. */
import type { Readable } from "node:stream";
import type { Logger } from "pino";
import type { Write } from "../../db/write-queue.ts";
import type { NewFile } from "../files/records.ts";
import { ToolRefusal } from "../tools/refusal.ts";
import { addFileText, INDEXED_PDF_BYTES } from "./files.ts";

/** PDFs that wait to be read; of more that come at once only the names are found */
const MAX_WAITING = 100;
/** pages that are read; the index takes no more than a part of their text */
const PAGES = { first: 1, last: 200 };

type Deps = { open(company: string, sha256: string): Promise<Readable>; write: Write; log: Logger };

export class PdfTexts {
  readonly #deps: Deps;
  readonly #waiting: NewFile[] = [];
  readonly #stopping = new AbortController();
  #reading: Promise<void> | undefined;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Notes a PDF to be read. It answers at once: who uploads does not wait for the index. */
  index(file: NewFile): void {
    if (file.sha256 === null || file.bytes > INDEXED_PDF_BYTES || this.#waiting.length >= MAX_WAITING) return;
    this.#waiting.push(file);
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = undefined;
    });
  }

  /** Resolves when nothing waits to be read. */
  async settled(): Promise<void> {
    await this.#reading;
  }

  stop(): void {
    this.#waiting.length = 0;
    this.#stopping.abort();
  }

  async #readAll(): Promise<void> {
    for (let file = this.#waiting.shift(); file; file = this.#waiting.shift()) {
      try {
        await this.#readOne(file);
      } catch (error) {
        // A PDF that cannot be read is still found by its name; why it cannot is told to who opens it.
        if (!(error instanceof ToolRefusal)) this.#deps.log.warn({ err: error, file: file.id }, "a PDF was not read for search");
      }
    }
  }

  async #readOne(file: NewFile): Promise<void> {
    const parts: Uint8Array[] = [];
    for await (const part of await this.#deps.open(file.company, file.sha256 ?? "")) parts.push(part);
    const data = new Uint8Array(file.bytes);
    let at = 0;
    for (const part of parts) {
      data.set(part, at);
      at += part.length;
    }
    // The reader of agents does it; loaded here because most companies' files never need it.
    const { inThread } = await import("../tools/pdf/read-pdf.ts");
    const answer = await inThread(data, PAGES, file.name, this.#stopping.signal);
    if (answer.kind !== "read" || this.#stopping.signal.aborted) return;
    const text = answer.pages.map((page) => page.text).join("\n");
    await this.#deps.write(() => [addFileText(file, text)]);
  }
}
