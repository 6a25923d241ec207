/** Reads the text of a PDF's pages, in a thread of its own with limits on time and memory. */
import { dirname, join } from "node:path";
import { Worker } from "node:worker_threads";
import { assertNever } from "../../../party/protocol/assert.ts";
import { TOOL_LIMITS } from "../limits.ts";
import { count } from "../output.ts";
import { openForReading, type Pinned } from "../paths.ts";
import { ToolRefusal } from "../refusal.ts";
import type { ToolOutcome } from "../tool.ts";
import { type PdfAnswer, type PdfPage, parseRange, type Range } from "./pages.ts";

const MIB = 1024 * 1024;
const MARK = Buffer.from("%PDF-");
const SHARE_OLD = 0.9;

/** True when the file says of itself that it is a PDF. */
export async function isPdf(pinned: Pinned): Promise<boolean> {
  const file = await openForReading(pinned);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MARK.length), 0, MARK.length, 0);
    return buffer.subarray(0, bytesRead).equals(MARK);
  } finally {
    await file.close();
  }
}

/**
 * The text of some pages, each under its number.
 * @param pages `7` or `3-5`; all of them when undefined, as far as an output goes
 * @throws ToolRefusal for what cannot be read, with what to do
 */
export async function readPdf(pinned: Pinned, pages: string | undefined, signal: AbortSignal): Promise<ToolOutcome> {
  const path = pinned.parts.join("/");
  const { size } = pinned.stats;
  if (size > TOOL_LIMITS.pdfBytes) {
    const limit = `${TOOL_LIMITS.pdfBytes / MIB} MiB`;
    throw new ToolRefusal(
      "too_large",
      `"${path}" has ${Math.ceil(size / MIB)} MiB; PDFs up to ${limit} can be read. Ask for a smaller one.`,
    );
  }
  const range = parseRange(pages);
  const answer = await inThread(await bytesOf(pinned), range, path, signal);
  switch (answer.kind) {
    case "locked":
      throw new ToolRefusal("unreadable", `"${path}" is locked with a password. Ask for a copy without one.`);
    case "broken":
      throw new ToolRefusal("unreadable", `"${path}" cannot be read as a PDF: it is damaged or not whole. Ask for it again.`);
    case "read":
      return shown(path, answer.total, answer.pages, range);
    default:
      return assertNever(answer);
  }
}

async function bytesOf(pinned: Pinned): Promise<Uint8Array<ArrayBuffer>> {
  const file = await openForReading(pinned);
  try {
    const bytes = new Uint8Array(pinned.stats.size);
    for (let at = 0; at < bytes.length; ) {
      const { bytesRead } = await file.read(bytes, at, bytes.length - at);
      if (bytesRead === 0) return bytes.slice(0, at);
      at += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

/**
 * Reads pages in a thread of its own. @param path names the file in a refusal @param data is handed over to the thread
 * @throws ToolRefusal past the limits on time and memory
 */
export function inThread(data: Uint8Array<ArrayBuffer>, range: Range, path: string, signal: AbortSignal): Promise<PdfAnswer> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerFile(), {
      resourceLimits: { maxOldGenerationSizeMb: (TOOL_LIMITS.pdfMemoryBytes / MIB) * SHARE_OLD },
      // What a parser prints of a stranger's file belongs into no log, and no variable of ours into its hands.
      stdout: true,
      stderr: true,
      env: {},
    });
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stopped);
      void worker.terminate();
      settle();
    };
    const stopped = (): void => end(() => resolve({ kind: "broken", why: "stopped" }));
    const refuse = (why: string): void => end(() => reject(new ToolRefusal("unreadable", `"${path}" ${why}`)));
    const timer = setTimeout(
      () => refuse(`took longer than ${TOOL_LIMITS.pdfMs / 1_000} s to read. Ask for fewer pages, or for a simpler file.`),
      TOOL_LIMITS.pdfMs,
    );
    signal.addEventListener("abort", stopped, { once: true });
    worker.once("message", (answer: PdfAnswer) => end(() => resolve(answer)));
    worker.once("error", () =>
      refuse(
        `needs more than ${TOOL_LIMITS.pdfMemoryBytes / MIB} MiB of memory to read. Ask for fewer pages, or for a simpler file.`,
      ),
    );
    worker.postMessage({ data, range, chars: TOOL_LIMITS.outputChars }, [data.buffer]);
  });
}

/** Beside the process's bundle, or the source itself. */
function workerFile(): string {
  if (import.meta.url.endsWith(".ts")) return join(import.meta.dirname, "pdf-worker.ts");
  return join(dirname(process.argv[1] ?? "."), "pdf-worker.js");
}

function shown(path: string, total: number, pages: readonly PdfPage[], range: Range): ToolOutcome {
  if (range.first > total || range.first < 1 || range.last < range.first) {
    throw new ToolRefusal("not_found", `"${path}" has ${count(total)} ${total === 1 ? "page" : "pages"}. Ask for one of these.`);
  }
  if (pages.every(({ text }) => text === "")) {
    const which = pages.length === 1 ? `page ${range.first}` : "these pages";
    const why = `There is no text on ${which} of "${path}" (${count(total)} in all): they are pictures, as a scanner makes them.`;
    throw new ToolRefusal("not_text", `${why} Ask for a version with text.`);
  }
  const parts: string[] = [];
  let length = 0;
  for (const { page, text } of pages) {
    const part = `[Page ${page} of ${total}]\n${text || "(no text on this page)"}`;
    if (length + part.length > TOOL_LIMITS.outputChars) return cut(parts, part, page, total);
    parts.push(part);
    length += part.length + 2;
  }
  const next = (pages.at(-1)?.page ?? total) + 1;
  const asked = Math.min(range.last, total);
  return next <= asked ? cut(parts, "", next, total) : { ok: true, output: parts.join("\n\n"), truncated: false };
}

/** @param page the first that is not shown whole */
function cut(whole: readonly string[], rest: string, page: number, total: number): ToolOutcome {
  const note = `[Output was cut at page ${page} of ${total}. Ask for others with pages, for example "${page}" or "${page}-${Math.min(page + 4, total)}".]`;
  const room = TOOL_LIMITS.outputChars - note.length - 4;
  // A single page that is longer than an output is shown as far as it goes.
  const text = whole.length > 0 ? whole.join("\n\n").slice(0, room) : rest.slice(0, room);
  return { ok: true, output: `${text}\n\n${note}`, truncated: true };
}
