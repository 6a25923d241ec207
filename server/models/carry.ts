/**
 * Which attached files go to a provider with a request, within its limits. Newer ones come first: an old picture may be
 * looked up in the workspace, the newest is what people talk about. What does not fit is said in its place.
 */
import { sizeText, type Turn, type UserPart } from "./conversation.ts";

export type FileLimits = {
  /** bytes of one file of a kind of file that the provider takes, by MIME type */
  each: Readonly<Record<string, number>>;
  /** bytes of all files of a request, before they become base64 */
  all: number;
  /** files of a request */
  count: number;
};

export type FilePart = Extract<UserPart, { kind: "file" }>;
/** What becomes of a file in a request. */
export type Carried = { kind: "data"; mime: string; base64: string } | { kind: "note"; text: string };

const MB = 1_000_000;
const PDF = "application/pdf";
export const NO_FILES: FileLimits = { each: {}, all: 0, count: 0 };

/** Limits of requests, a little below what each provider documents: base64 takes a third more, and text comes on top. */
export const FILE_LIMITS = {
  anthropic: {
    each: ofTypes(["image/jpeg", "image/png", "image/gif", "image/webp"], 3.75 * MB, 20 * MB),
    all: 20 * MB,
    count: 50,
  },
  gemini: {
    each: ofTypes(["image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"], 7 * MB, 14 * MB),
    all: 14 * MB,
    count: 50,
  },
  openai: { each: ofTypes(["image/jpeg", "image/png", "image/gif", "image/webp"], 15 * MB, 20 * MB), all: 20 * MB, count: 50 },
} as const satisfies Record<string, FileLimits>;

function ofTypes(images: readonly string[], image: number, pdf: number): Record<string, number> {
  return { ...Object.fromEntries(images.map((mime) => [mime, image])), [PDF]: pdf };
}

/** The same limits without PDFs, for servers that take none. */
export function withoutPdf({ each, all, count }: FileLimits): FileLimits {
  return { each: Object.fromEntries(Object.entries(each).filter(([mime]) => mime !== PDF)), all, count };
}

/**
 * Loads what goes with the request.
 * @param load bytes of a file; one that cannot be had is said to be missing
 */
export async function carryFiles(
  turns: readonly Turn[],
  limits: FileLimits,
  load: (file: string) => Promise<Uint8Array>,
): Promise<ReadonlyMap<FilePart, Carried>> {
  const parts = turns.flatMap((turn) =>
    turn.role === "user" ? turn.parts.filter((part): part is FilePart => part.kind === "file") : [],
  );
  const carried = new Map<FilePart, Carried>();
  let left = limits.all;
  let free = limits.count;
  for (const part of parts.toReversed()) {
    const { file, mime, bytes } = part.attached;
    const why = whyNot(part, limits, left, free);
    if (why !== undefined) {
      carried.set(part, note(part, why));
      continue;
    }
    try {
      const data = await load(file);
      left -= bytes;
      free -= 1;
      carried.set(part, { kind: "data", mime, base64: Buffer.from(data).toString("base64") });
    } catch {
      carried.set(part, note(part, "it can no longer be read"));
    }
  }
  return carried;
}

function whyNot({ attached }: FilePart, { each, count }: FileLimits, left: number, free: number): string | undefined {
  const limit = each[attached.mime];
  if (limit === undefined) return "files of this kind cannot be shown to you";
  if (attached.bytes > limit) return `it is larger than the ${sizeText(limit)} that can be shown to you`;
  if (attached.bytes > left || free <= 0) return `more than ${count} files, or too large ones, came before it`;
  return undefined;
}

function note({ attached }: FilePart, why: string): Carried {
  const instead = attached.path === undefined ? "" : ` Read it with your tools at ${attached.path}.`;
  return { kind: "note", text: `(The file itself is not shown here: ${why}.${instead})` };
}
