/** What goes into an export: a run's events from the first to the last, page by page, with every long text in full. */
import { textRef } from "../../../../../party/protocol/common.ts";
import { ApiError } from "../../../errors.ts";
import type { EventsSlice, StoredEvent } from "../events.ts";

/** events held at once: an export of any length takes the memory of one page */
const PAGE_EVENTS = 200;

export type ExportSource = {
  next(after: number, limit: number): Promise<EventsSlice>;
  /** the whole of a text that an event only begins. @throws ApiError 404 when it is lost */
  text(ref: string): Promise<string>;
  /** false when the caller may no longer see the run */
  allowed(): Promise<boolean>;
};

/** How an export ended: with everything there was, or without what only an absent room knows. */
export type ExportEnd = "whole" | "cut";

/** Yields the events; returns how far they go. @throws Error when the caller lost the right to see them */
export async function* wholeEvents(source: ExportSource): AsyncGenerator<StoredEvent, ExportEnd> {
  let after = 0;
  for (;;) {
    if (!(await source.allowed())) throw new Error("the caller may no longer see the run");
    const { events, end } = await source.next(after, PAGE_EVENTS);
    for (const event of events) {
      yield Object.assign(event, await withWholeTexts(event, source));
      after = event.seq;
    }
    if (end !== "more" || events.length === 0) return end === "away" ? "cut" : "whole";
  }
}

/** A copy of a value in which every text that only begins stands in full. One that is lost stays as it is. */
export async function withWholeTexts<T>(value: T, source: Pick<ExportSource, "text">): Promise<T>;
export async function withWholeTexts(value: unknown, source: Pick<ExportSource, "text">): Promise<unknown> {
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) items.push(await withWholeTexts(item, source));
    return items;
  }
  if (typeof value !== "object" || value === null) return value;
  if ("ref" in value && "head" in value) {
    const begun = textRef.safeParse(value);
    if (begun.success) return (await whole(begun.data.ref, source)) ?? value;
  }
  const entries: [string, unknown][] = [];
  for (const [key, item] of Object.entries(value)) entries.push([key, await withWholeTexts(item, source)]);
  return Object.fromEntries(entries);
}

async function whole(ref: string, source: Pick<ExportSource, "text">): Promise<string | undefined> {
  try {
    return await source.text(ref);
  } catch (error) {
    // Its beginning is better than no export at all.
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}
