/** Long strings of events: the event keeps the beginning, the whole lies in rows of its own until it is archived. */
import type { TextRef } from "../protocol/common.ts";
import { LIMITS } from "../protocol/limits.ts";
import type { RoomStorage } from "./ports.ts";
import type { Batch } from "./store.ts";

const PREFIX = "ref:";
const PART_CHARS = 45_000;
const keyOf = (ref: string, part: number): string => `${PREFIX}${ref}:${String(part).padStart(4, "0")}`;

export type Extracted<E> = { event: E; refs: { ref: string; text: string }[] };

/** Replaces strings over the limit anywhere in an event by references. A tool's output has the tighter inline limit. */
export function extractRefs<E extends { type: string }>(event: E, newRef: () => string): Extracted<E> {
  const refs: { ref: string; text: string }[] = [];
  const walk = (value: unknown, limit: number): unknown => {
    if (typeof value === "string") return value.length > limit ? store(value) : value;
    if (Array.isArray(value)) return value.map((item) => walk(item, limit));
    if (value && typeof value === "object") {
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, walk(item, key === "output" ? LIMITS.inlineOutputBytes : limit)]),
      );
    }
    return value;
  };
  const store = (text: string): TextRef => {
    const ref = newRef();
    refs.push({ ref, text });
    return { head: beginning(text, LIMITS.refHeadChars), bytes: new TextEncoder().encode(text).length, ref };
  };
  if (!hasLongString(event)) return { event, refs };
  // The walk keeps the event's shape: only fields typed LongText can hold strings over the limit.
  return { event: walk(event, LIMITS.inlineStringBytes) as E, refs };
}

/** The first characters of a text, without half of a pair at the cut. */
function beginning(text: string, chars: number): string {
  const last = text.charCodeAt(chars - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? chars - 1 : chars);
}

function hasLongString(value: unknown): boolean {
  if (typeof value === "string") return value.length > LIMITS.inlineOutputBytes;
  if (Array.isArray(value)) return value.some(hasLongString);
  return value !== null && typeof value === "object" && Object.values(value).some(hasLongString);
}

export function putRef(batch: Batch, ref: string, text: string): void {
  for (let part = 0; part * PART_CHARS < text.length; part++) {
    batch.put(keyOf(ref, part), text.slice(part * PART_CHARS, (part + 1) * PART_CHARS));
  }
}

export async function readRef(storage: RoomStorage, ref: string): Promise<string | undefined> {
  const parts = await storage.list<string>({ prefix: `${PREFIX}${ref}:` });
  return parts.size === 0 ? undefined : [...parts.values()].join("");
}

/** Ids of the references inside an event's text. */
export function refsIn(text: string): string[] {
  return text.includes('"ref":"ref_') ? [...text.matchAll(/"ref":"(ref_[0-9a-z]{26})"/g)].map((match) => match[1] ?? "") : [];
}

export async function deleteRef(storage: RoomStorage, batch: Batch, ref: string): Promise<void> {
  for (const key of (await storage.list({ prefix: `${PREFIX}${ref}:` })).keys()) batch.delete(key);
}
