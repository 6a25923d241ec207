/** Sends the bytes of a file: whole or a part, to save or to show, and never as anything that runs in our origin. */
import type { Readable } from "node:stream";
import { ApiError } from "../api/errors.ts";
import type { Files } from "./files.ts";
import { contentDisposition } from "./names.ts";
import type { FileOut } from "./records.ts";
import { BlobMissing, type ByteRange, blobKey } from "./storage.ts";
import { mayShowInline } from "./types.ts";

/** A page of ours it must never be: opened by itself it may do nothing but be looked at. */
const HARMLESS = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'";

export type Wanted = {
  method: string;
  /** asked to be shown; types that could do more than that are saved all the same */
  inline: boolean;
  range: string | undefined;
  ifRange: string | undefined;
  ifNoneMatch: string | undefined;
};

/** The answer to a request for a file's content. */
export async function serveFile(files: Files, company: string, file: FileOut, wanted: Wanted): Promise<Response> {
  const { sha256 } = file;
  if (sha256 === null) throw new ApiError(410, "removed", "This version says that the file was removed; it has no content.");
  const inline = wanted.inline && mayShowInline(file.mime);
  const etag = `"${sha256}"`;
  const headers = new Headers({
    etag,
    "content-type": withCharset(file.mime),
    "content-disposition": contentDisposition(inline ? "inline" : "attachment", file.name),
    "content-security-policy": HARMLESS,
    "x-content-type-options": "nosniff",
    "accept-ranges": "bytes",
    "cache-control": "private, no-cache",
  });
  if (matches(wanted.ifNoneMatch, etag)) return new Response(null, { status: 304, headers });
  if (!inline && wanted.method === "GET" && files.signedUrl) {
    const as = { disposition: headers.get("content-disposition") ?? "attachment", mime: file.mime };
    headers.set("location", await files.signedUrl(blobKey(company, sha256), as));
    return new Response(null, { status: 302, headers });
  }
  const range = wanted.ifRange === undefined || wanted.ifRange === etag ? readRange(wanted.range, file.bytes) : undefined;
  if (range === "outside") {
    headers.set("content-range", `bytes */${file.bytes}`);
    return new Response(null, { status: 416, headers });
  }
  const length = range ? range.end - range.start + 1 : file.bytes;
  headers.set("content-length", String(length));
  if (range) headers.set("content-range", `bytes ${range.start}-${range.end}/${file.bytes}`);
  const body = wanted.method === "HEAD" || length === 0 ? null : webStream(await openContent(files, company, sha256, range));
  return new Response(body, { status: range ? 206 : 200, headers });
}

async function openContent(files: Files, company: string, sha256: string, range: ByteRange | undefined): Promise<Readable> {
  try {
    return await files.open(company, sha256, range);
  } catch (error) {
    throw asMissing(error);
  }
}

/** The refusal for a blob that the storage has lost; other errors as they are. */
export function asMissing(error: unknown): unknown {
  if (!(error instanceof BlobMissing)) return error;
  return new ApiError(
    410,
    "content_missing",
    "The content of this file is not in the storage any more. Whoever runs this Atrium can restore it from a backup.",
  );
}

/** Text is UTF-8: other texts are not taken for text. */
function withCharset(mime: string): string {
  return mime.startsWith("text/") ? `${mime}; charset=utf-8` : mime;
}

function matches(given: string | undefined, etag: string): boolean {
  return (given ?? "").split(",").some((one) => one.trim().replace(/^W\//, "") === etag || one.trim() === "*");
}

/** The one range of a Range header. Several ranges, and what cannot be read, are answered with the whole, as RFC 9110 allows. */
export function readRange(header: string | undefined, bytes: number): ByteRange | "outside" | undefined {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (from === undefined || to === undefined || (from === "" && to === "")) return undefined;
  if (from === "") {
    const last = Number(to);
    return last === 0 || bytes === 0 ? "outside" : { start: Math.max(0, bytes - last), end: bytes - 1 };
  }
  const start = Number(from);
  if (start >= bytes) return "outside";
  const end = to === "" ? bytes - 1 : Math.min(Number(to), bytes - 1);
  return end < start ? undefined : { start, end };
}

/** A stream of the web's kind; nothing is read ahead of the reader. */
export function webStream(source: Readable): ReadableStream<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = source[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => void source.destroy(),
    },
    { highWaterMark: 0 },
  );
}
