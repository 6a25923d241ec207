/** Packs what a run tells its room into frames: as few as possible, none above the limits, nothing torn that belongs together. */
import type { FeederFrame, JournalEntry } from "../../party/protocol/internal.ts";
import { LIMITS } from "../../party/protocol/limits.ts";
import type { Group, Release } from "../runtimes/contract.ts";
import { jsonBytes } from "./fit.ts";

export type EventsFrame = Extract<FeederFrame, { type: "events" }>;
/** A frame without its place in the order. */
export type FrameBody = Omit<EventsFrame, "type" | "fence" | "n">;

/** Items of one kind in a frame, as the room's schema has them. */
const FRAME_ITEMS = { events: 64, journal: 64, asks: 16, questions: 4 } as const;
/** bytes of a frame's content; the rest of the limit is its envelope */
const FRAME_BYTES = LIMITS.internalFrameBytes - 8 * 1024;

/**
 * The frames for `groups`, in order. A group stays whole: its events and the last of its journal entries are in one frame.
 * Only journal entries that do not fit beside them travel ahead; the loop ignores such a beginning without its end.
 * @param release goes with the last frame
 */
export function pack(groups: readonly Group[], release?: Release): FrameBody[] {
  const frames: FrameBody[] = [];
  let frame = new Filling();
  for (const group of groups.flatMap(split)) {
    if (!frame.fits(group)) {
      frames.push(frame.body);
      frame = new Filling();
    }
    frame.add(group);
  }
  frames.push(release ? { ...frame.body, release } : frame.body);
  return frames;
}

/** Sends entries ahead until what is left of the group fits one frame; the last one stays with its events. */
function split(group: Group): Group[] {
  const journal = [...(group.journal ?? [])];
  const ahead: Group[] = [];
  const rest = (): Group => (journal.length === 0 ? { ...group, journal: undefined } : { ...group, journal });
  while (journal.length > 1 && !new Filling().fits(rest())) {
    const part = new Filling();
    const entries: JournalEntry[] = [];
    while (journal.length > 1) {
      const [entry] = journal;
      if (!entry || (entries.length > 0 && !part.fits({ events: [], journal: [entry] }))) break;
      journal.shift();
      part.add({ events: [], journal: [entry] });
      entries.push(entry);
    }
    ahead.push({ events: [], journal: entries });
  }
  return [...ahead, rest()];
}

class Filling {
  readonly body: FrameBody = { events: [] };
  #bytes = 0;

  fits(group: Group): boolean {
    const { events, journal, asks, questions } = this.body;
    const within = (have: readonly unknown[] | undefined, more: readonly unknown[] | undefined, most: number): boolean =>
      (have?.length ?? 0) + (more?.length ?? 0) <= most;
    return (
      this.#bytes + jsonBytes(group) <= FRAME_BYTES &&
      within(events, group.events, FRAME_ITEMS.events) &&
      within(journal, group.journal, FRAME_ITEMS.journal) &&
      within(asks, group.asks, FRAME_ITEMS.asks) &&
      within(questions, group.questions, FRAME_ITEMS.questions)
    );
  }

  add(group: Group): void {
    const { body } = this;
    this.#bytes += jsonBytes(group);
    body.events.push(...group.events);
    if (group.journal) body.journal = [...(body.journal ?? []), ...group.journal];
    if (group.asks) body.asks = [...(body.asks ?? []), ...group.asks];
    if (group.questions) body.questions = [...(body.questions ?? []), ...group.questions];
  }
}
