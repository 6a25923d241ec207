/** The pages of a PDF that are asked for, and what passes between the tool and the thread that reads it. */
import { z } from "zod";

/** `7` or `3-5`, counted from 1. */
export const pageRange = z.string().regex(/^\d{1,6}(-\d{1,6})?$/, "is one page, `7`, or a range, `3-5`");

export type Range = { first: number; last: number };

/** The range a text names; the whole document when there is none. */
export function parseRange(text: string | undefined): Range {
  const [first = "1", last = text === undefined ? "999999" : first] = (text ?? "").split("-").filter(Boolean);
  return { first: Number(first), last: Number(last) };
}

export type PdfRequest = { data: Uint8Array<ArrayBuffer>; range: Range /** characters after which it stops */; chars: number };

export type PdfPage = { page: number; text: string };

export type PdfAnswer = { kind: "read"; total: number; pages: PdfPage[] } | { kind: "locked" } | { kind: "broken"; why: string };
