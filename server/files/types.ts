/** What a file is, by its bytes. The name and the type that came with it only choose between kinds of text. */
import { isUtf8 } from "node:buffer";
import { assertNever } from "../../party/protocol/assert.ts";

/** bytes of the beginning that are looked at; endings of office documents show within */
export const HEAD_BYTES = 64 * 1024;
export const UNKNOWN_TYPE = "application/octet-stream";
/** bytes of one UTF-8 character at most, less one: the head may cut one in two */
const CUT_CHARACTER = 3;

/** Kinds of text by ending. All of them are text to a browser until something chooses to show them otherwise. */
const TEXT_TYPES: Record<string, string> = {
  md: "text/markdown",
  markdown: "text/markdown",
  csv: "text/csv",
  tsv: "text/tab-separated-values",
  html: "text/html",
  htm: "text/html",
  svg: "image/svg+xml",
  mmd: "text/vnd.mermaid",
  mermaid: "text/vnd.mermaid",
  json: "application/json",
};

/** Types a browser may show by itself, in no page of ours: pictures and documents without scripts. */
const INLINE = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "application/pdf", "text/plain"]);

/** How the screens can show a file. */
export const SHOWN_AS = ["image", "pdf", "text", "markdown", "table", "page", "drawing", "diagram", "facts"] as const;
export type ShownAs = (typeof SHOWN_AS)[number];

/**
 * The type of a file. Magic numbers win over everything that was said about it.
 * @param head its first bytes, at most HEAD_BYTES
 * @param whole true when that is all of it
 */
export async function sniffType(head: Uint8Array, name: string, whole: boolean): Promise<string> {
  const magic = await magicType(head);
  if (magic !== undefined && !isMarkup(magic)) return magic;
  if (!isText(head, whole)) return magic ?? UNKNOWN_TYPE;
  const ending = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
  return TEXT_TYPES[ending] ?? (isMarkup(magic) ? (magic ?? "text/plain") : "text/plain");
}

/** XML and its like are text: what kind is for the name to say. */
function isMarkup(type: string | undefined): boolean {
  return type === "application/xml" || type === "image/svg+xml";
}

async function magicType(head: Uint8Array): Promise<string | undefined> {
  const { fileTypeFromBuffer } = await import("file-type");
  // A head that breaks the library's reader says no more than one it does not know.
  return (await fileTypeFromBuffer(head).catch(() => undefined))?.mime;
}

/** True for UTF-8 without NUL; the last character may be cut when there is more. */
export function isText(head: Uint8Array, whole: boolean): boolean {
  if (head.includes(0)) return false;
  if (isUtf8(head)) return true;
  if (whole) return false;
  return Array.from({ length: CUT_CHARACTER }, (_, i) => head.subarray(0, head.length - i - 1)).some((part) => isUtf8(part));
}

/** True when `?inline=1` may show it. */
export function mayShowInline(mime: string): boolean {
  return INLINE.has(mime);
}

/** How the screens show a file of a type. */
export function shownAs(mime: string): ShownAs {
  if (mime === "application/pdf") return "pdf";
  if (mime === "image/svg+xml") return "drawing";
  if (mime.startsWith("image/")) return INLINE.has(mime) ? "image" : "facts";
  switch (mime) {
    case "text/markdown":
      return "markdown";
    case "text/csv":
    case "text/tab-separated-values":
      return "table";
    case "text/html":
      return "page";
    case "text/vnd.mermaid":
      return "diagram";
    case "application/json":
    case "application/xml":
      return "text";
    default:
      return mime.startsWith("text/") ? "text" : "facts";
  }
}

/** Shown ways that run in the frame of artifacts. */
export type ArtifactKind = "page" | "drawing" | "diagram";

/** The frame a file is shown in, when it takes one. */
export function artifactKind(mime: string): ArtifactKind | undefined {
  const shown = shownAs(mime);
  switch (shown) {
    case "page":
    case "drawing":
    case "diagram":
      return shown;
    case "image":
    case "pdf":
    case "text":
    case "markdown":
    case "table":
    case "facts":
      return undefined;
    default:
      return assertNever(shown);
  }
}
